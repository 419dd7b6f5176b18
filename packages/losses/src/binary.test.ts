import { fc, test } from "@fast-check/vitest";
import { ShapeError, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { binaryCrossEntropy, binaryCrossEntropyWithLogits } from "./index";

const logits = fc.array(
  fc.integer({ min: -8000, max: 8000 }).map((n) => n / 1000),
  { minLength: 4, maxLength: 4 },
);
const targets = fc.array(
  fc.integer({ min: 0, max: 4 }).map((n) => n / 4),
  { minLength: 4, maxLength: 4 },
);
const wide = (data: readonly number[]) => tensor([...data], { dtype: "float64", requiresGrad: true });
const all = (x: Tensor) => Array.from(x.dataSync());

function expectClose(a: Tensor, b: Tensor, tolerance = 1e-9): void {
  const [x, y] = [all(a), all(b)];
  x.forEach((value, i) => {
    expect(Math.abs(value - y[i]!)).toBeLessThan(tolerance * (1 + Math.abs(y[i]!)));
  });
}

describe("binary cross-entropy", () => {
  it.each([
    [[0.5, 1.5], [1, 1], 1.5],
    [[-0.25, 1], [1, 1], -0.25],
    [[0.5, Number.NaN], [1, 1], Number.NaN],
    [[0.5, 0.5], [1, 2], 2],
  ])("of %j and %j is refused", (p, t, wrong) => {
    const message = `binaryCrossEntropy: a probability is ${wrong}; it must be from 0 to 1`;
    expect(() => binaryCrossEntropy(tensor(p), tensor(t))).toThrow(message);
  });

  it("keeps the cost of a confident answer, and its gradients", () => {
    for (const [x, t, weight] of [
      [-20, 0, 1],
      [20, 1, 1],
      [20, 1, 5],
    ] as const) {
      const logit = tensor([x], { requiresGrad: true });
      const loss = binaryCrossEntropyWithLogits(logit, tensor([t]), { posWeight: tensor(weight) });
      loss.backward();
      const rest = weight * 2.0611536e-9;
      expect(loss.item() / rest).toBeCloseTo(1, 6);
      expect((logit.grad!.item() * Math.sign(-x)) / rest).toBeCloseTo(1, 6);
    }
  });

  test.prop([logits, targets])("of logits is that of their probabilities, gradient included", (x, t) => {
    const [a, b] = [wide(x), wide(x)];
    const target = tensor(t, { dtype: "float64" });
    const [of, from] = [binaryCrossEntropyWithLogits(a, target), binaryCrossEntropy(b.sigmoid(), target)];
    expectClose(of, from);
    of.backward();
    from.backward();
    expectClose(a.grad!, b.grad!, 1e-8);
  });

  test.prop([logits, targets])("has the gradient (sigmoid(x) - t)/n", (x, t) => {
    const a = wide(x);
    const target = tensor(t, { dtype: "float64" });
    binaryCrossEntropyWithLogits(a, target).backward();
    expectClose(a.grad!, a.detach().sigmoid().sub(target).div(4), 1e-12);
  });

  it.each([binaryCrossEntropyWithLogits, binaryCrossEntropy])(
    "%o applies the weights, then the reduction",
    (loss) => {
      const [x, t] = [
        tensor([
          [0.2, 0.7],
          [0.5, 0.9],
        ]),
        tensor([
          [0, 1],
          [1, 0],
        ]),
      ];
      const weight = tensor([1, 3]);
      const each = loss(x, t, { reduction: "none" });
      expect(each.shape).toEqual([2, 2]);
      expect(loss(x, t).item()).toBe(each.mean().item());
      expect(loss(x, t, { reduction: "sum", weight }).item()).toBe(each.mul(weight).sum().item());
      expect(loss(x, t, { weight }).item()).toBe(each.mul(weight).mean().item());
    },
  );

  it("weighs positive targets", () => {
    const posWeight = tensor([3]);
    const each = binaryCrossEntropyWithLogits(tensor([0.5, 0.5]), tensor([1, 0]), { reduction: "none" });
    const weighted = binaryCrossEntropyWithLogits(tensor([0.5, 0.5]), tensor([1, 0]), {
      reduction: "none",
      posWeight,
    });
    expectClose(weighted, each.mul(tensor([3, 1])), 1e-6);
  });

  it("of extreme logits is finite, gradient included", () => {
    const x = tensor([1e4, -1e4, 1e4, -1e4], { requiresGrad: true });
    const each = binaryCrossEntropyWithLogits(x, tensor([1, 0, 0, 1]), { reduction: "none" });
    expect(all(each)).toEqual([0, 0, 1e4, 1e4]);
    each.sum().backward();
    expect(all(x.grad!).map((g) => g + 0)).toEqual([0, 0, 1, -1]);
  });

  it("of certain probabilities is limited, gradient included", () => {
    const p = tensor([0, 1, 0, 1], { requiresGrad: true });
    const each = binaryCrossEntropy(p, tensor([0, 1, 1, 0]), { reduction: "none" });
    expect(all(each).map((v) => v + 0)).toEqual([0, 0, 100, 100]);
    each.sum().backward();
    expect(all(p.grad!).every(Number.isFinite)).toBe(true);
  });

  it.each([
    ["binaryCrossEntropy", binaryCrossEntropy],
    ["binaryCrossEntropyWithLogits", binaryCrossEntropyWithLogits],
  ])("%s refuses shapes that differ, even where they would broadcast", (name, loss) => {
    expect(() => loss(zeros([2, 1]), zeros([2]))).toThrow(ShapeError);
    expect(() => loss(zeros([2, 1]), zeros([2]))).toThrow(
      `${name}: input and target differ in shape, [2, 1] and [2]; reshape one of them, or expand it if repeating it is meant`,
    );
  });
});
