import { fc, test } from "@fast-check/vitest";
import { valueAndGrad } from "@thalweg/autograd";
import {
  Generator,
  IndexError,
  logSoftmax,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { ctcLoss } from "./index";

const none = { reduction: "none" } as const;

/** What a path means: without repetitions and blanks. */
const meaning = (path: readonly number[]) =>
  path.filter((label, t) => label !== 0 && label !== path[t - 1]).join();

/** All paths of so many steps. */
function paths(time: number, classes: number): number[][] {
  if (time === 0) return [[]];
  return paths(time - 1, classes).flatMap((path) => Array.from({ length: classes }, (_, c) => [...path, c]));
}

const random = (seed: number, shape: number[]) =>
  logSoftmax(randn(shape, { generator: new Generator(seed), dtype: "float64" }), -1);

describe("ctcLoss", () => {
  test.prop(
    [fc.nat(1000), fc.integer({ min: 0, max: 4 }), fc.array(fc.constantFrom(1, 2), { maxLength: 3 })],
    {
      numRuns: 30,
    },
  )("is -log of the sum over all paths that mean the target", (seed, time, target) => {
    const x = random(seed, [time, 3]);
    const total = paths(time, 3)
      .filter((path) => meaning(path) === target.join())
      .reduce((sum, path) => sum + Math.exp(path.reduce((log, c, t) => log + x.slice(t, c).item(), 0)), 0);
    const y = ctcLoss(x, tensor(target), time, target.length, none).item();
    if (total === 0) expect(y).toBe(Number.POSITIVE_INFINITY);
    else expect(y).toBeCloseTo(-Math.log(total), 10);
  });

  it("has a gradient that sums to -1 at every step that counts, and to 0 after them", () => {
    const x = random(3, [6, 2, 4]);
    const loss = (y: Tensor) =>
      ctcLoss(
        y,
        tensor([
          [1, 1],
          [3, 9],
        ]),
        [6, 4],
        [2, 1],
        { reduction: "sum" },
      );
    const [, g] = valueAndGrad(loss)(x);
    const sums = g.sum(-1).transpose(0, 1);
    for (const sum of sums.select(0, 0).dataSync()) expect(sum).toBeCloseTo(-1, 12);
    expect(Array.from(sums.select(0, 1).dataSync(), (sum) => Math.round(sum * 1e9) / 1e9)).toEqual([
      -1, -1, -1, -1, 0, 0,
    ]);
  });

  it("keeps its digits over long sequences in float32", () => {
    const wide = random(5, [600, 2, 20]);
    const targets = tensor(
      Array.from({ length: 2 }, (_, b) => Array.from({ length: 80 }, (_, k) => 1 + ((7 * k + b) % 19))),
    );
    const loss = (x: Tensor) => ctcLoss(x, targets, [600, 590], [80, 70], { reduction: "sum" });
    const [value, g] = valueAndGrad(loss)(wide);
    const [single, h] = valueAndGrad(loss)(wide.to("float32"));
    expect(Math.abs(single.item() / value.item() - 1)).toBeLessThan(1e-6);
    expect(g.sub(h.to("float64")).abs().max().item()).toBeLessThan(1e-4);
  });

  it("costs Infinity without a gradient where the target is impossible, or 0", () => {
    const x = zeros([2, 2, 3], { requiresGrad: true });
    const targets = tensor([
      [1, 1],
      [1, 2],
    ]);
    const infinite = ctcLoss(x, targets, [2, 2], [2, 2], none);
    expect(infinite.toArray()).toEqual([Number.POSITIVE_INFINITY, 0]);
    infinite.sum().backward();
    expect(x.grad!.select(1, 0).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(x.grad!.select(1, 1).toArray()).toEqual([
      [0, -1, 0],
      [0, 0, -1],
    ]);
    expect(ctcLoss(x, targets, [2, 2], [2, 2], { zeroInfinity: true }).item()).toBe(0);
  });

  it("of log-probabilities of -Infinity has no NaN in its gradient", () => {
    const x = tensor(
      [
        [0, -1],
        [Number.NEGATIVE_INFINITY, 0],
      ],
      { requiresGrad: true },
    );
    ctcLoss(x, tensor([1]), 2, 1).backward();
    expect(Array.from(x.grad!.dataSync()).every(Number.isFinite)).toBe(true);
  });

  it("takes targets one after the other, and lengths as tensors", () => {
    const x = random(8, [5, 2, 4]);
    const padded = ctcLoss(
      x,
      tensor([
        [1, 2],
        [3, 0],
      ]),
      [5, 4],
      [2, 1],
    ).item();
    expect(ctcLoss(x, tensor([1, 2, 3]), [5, 4], [2, 1]).item()).toBe(padded);
    expect(ctcLoss(x, tensor([1, 2, 3]), tensor([5, 4]), tensor([2, 1])).item()).toBe(padded);
    expect(ctcLoss(x, tensor([]), [5, 4], [0, 0], none).toArray()).toEqual([
      expect.closeTo(-x.slice(null, 0, 0).sum().item(), 10),
      expect.closeTo(-x.slice([0, 4], 1, 0).sum().item(), 10),
    ]);
  });

  it("refuses what does not fit, with both sides", () => {
    const x = zeros([5, 2, 3]);
    const y = tensor([
      [1, 2],
      [1, 1],
    ]);
    const wrong: [() => unknown, typeof ShapeError | typeof IndexError, string][] = [
      [() => ctcLoss(zeros([5]), y, 5, 1), ShapeError, "the log-probabilities have shape [5]"],
      [
        () => ctcLoss(x, zeros([3, 2]), [5, 5], [2, 2]),
        ShapeError,
        "the targets do not fit the log-probabilities, [3, 2] and [5, 2, 3]",
      ],
      [
        () => ctcLoss(x, tensor([1, 2, 1]), [5, 5], [2, 2]),
        ShapeError,
        "shape [3] with 2 lengths that add up to 4",
      ],
      [
        () => ctcLoss(x, y, [5], [2, 2]),
        ShapeError,
        "inputLengths do not fit, [1] for log-probabilities [5, 2, 3]",
      ],
      [
        () => ctcLoss(x, y, [5, 6], [2, 2]),
        IndexError,
        "one of inputLengths is 6; they must be whole numbers from 0 to 5",
      ],
      [
        () => ctcLoss(x, y, [5, 5], tensor([2, 3])),
        IndexError,
        "one of targetLengths is 3; they must be whole numbers from 0 to 2",
      ],
      [() => ctcLoss(x, y, [5, 5], [2, 2], { blank: 3 }), IndexError, "blank is 3, there are 3 classes"],
      [
        () =>
          ctcLoss(
            x,
            tensor([
              [1, 3],
              [1, 1],
            ]),
            [5, 5],
            [2, 2],
          ),
        IndexError,
        "3",
      ],
    ];
    for (const [call, error, text] of wrong) {
      expect(call).toThrow(error);
      expect(call).toThrow(/^ctcLoss: /);
      expect(call).toThrow(text);
    }
    expect(() =>
      ctcLoss(
        x,
        tensor([
          [1, 7],
          [1, 7],
        ]),
        [5, 5],
        [1, 1],
      ),
    ).not.toThrow();
  });
});
