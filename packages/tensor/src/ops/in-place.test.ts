import { fc, test } from "@fast-check/vitest";
import { DTypeError, ShapeError, type ThalwegError } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { arange, tensor, zeros } from "../create";
import "../index";
import { MapProgram, trace } from "@thalweg/kernels";
import type { Tensor } from "../tensor";
import { updateInPlace } from "./in-place";

const writes = {
  add_: (x: Tensor, y: Tensor) => x.add_(y),
  sub_: (x: Tensor, y: Tensor) => x.sub_(y),
  mul_: (x: Tensor, y: Tensor) => x.mul_(y),
  div_: (x: Tensor, y: Tensor) => x.div_(y),
  copy_: (x: Tensor, y: Tensor) => x.copy_(y),
};

/** The same operations out of place. */
const meanings: Record<keyof typeof writes, (x: Tensor, y: Tensor) => Tensor> = {
  add_: (x, y) => x.add(y),
  sub_: (x, y) => x.sub(y),
  mul_: (x, y) => x.mul(y),
  div_: (x, y) => x.div(y),
  copy_: (x, y) => y.expand(x.shape),
};

const names = Object.keys(writes) as (keyof typeof writes)[];

/** Views of shape [3, 3] into a [6, 6] matrix. */
const windows = fc
  .record({
    row: fc.nat({ max: 3 }),
    column: fc.nat({ max: 3 }),
    flips: fc.subarray([0, 1]),
    turned: fc.boolean(),
  })
  .map(({ row, column, flips, turned }) => ({
    toString: () => `rows ${row}, columns ${column}, flipped ${flips}${turned ? ", turned" : ""}`,
    of(x: Tensor) {
      const part = x.slice([row, row + 3], [column, column + 3]).flip(flips);
      return turned ? part.transpose(0, 1) : part;
    },
  }));

describe("writing in place", () => {
  test.prop([fc.constantFrom(...names), windows, windows], { numRuns: 300 })(
    "to a view that overlaps an operand has the result of a copied operand",
    (name, target, source) => {
      const matrix = () => arange(1, 37).reshape([6, 6]);
      const x = matrix();
      writes[name](target.of(x), source.of(x));
      const expected = matrix();
      const fresh = meanings[name](target.of(matrix()), source.of(matrix()));
      target.of(expected).copy_(fresh.clone());
      expect(x.toArray()).toEqual(expected.toArray());
    },
  );

  test.prop([fc.constantFrom(...names), windows, fc.nat({ max: 2 }), fc.constantFrom(0, 1)])(
    "may broadcast one line of the target as the operand",
    (name, target, line, dim) => {
      const matrix = () => arange(1, 37).reshape([6, 6]);
      const x = matrix();
      const view = target.of(x);
      writes[name](view, view.narrow(dim, line, 1));
      const copy = target.of(matrix()).clone();
      expect(view.toArray()).toEqual(meanings[name](copy, copy.narrow(dim, line, 1)).toArray());
    },
  );

  it("may copy the mirror image of the target to itself", () => {
    const x = arange(5);
    x.copy_(x.flip(0));
    expect(x.toArray()).toEqual([4, 3, 2, 1, 0]);
    const square = arange(4).reshape([2, 2]);
    square.copy_(square.transpose(0, 1));
    expect(square.toArray()).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  it("may use the target as the operand", () => {
    expect(
      tensor([1, 2])
        .mul_(tensor([3, 4]))
        .toArray(),
    ).toEqual([3, 8]);
    const x = tensor([1, 2]);
    expect(x.add_(x).toArray()).toEqual([2, 4]);
    expect(x.sub_(x).toArray()).toEqual([0, 0]);
  });

  it("returns the target, and counts as one write", () => {
    const x = tensor([1, 2]);
    const before = x.storage.version;
    expect(x.add_(1)).toBe(x);
    expect(x.storage.version).toBe(before + 1);
    x.add(1);
    expect(x.storage.version).toBe(before + 1);
  });

  it("is seen through every view", () => {
    const x = arange(6).reshape([2, 3]);
    const column = x.select(1, 1);
    column.fill_(-1);
    expect(x.toArray()).toEqual([
      [0, -1, 2],
      [3, -1, 5],
    ]);
    x.zero_();
    expect(column.toArray()).toEqual([0, 0]);
  });

  it("fills, clears, limits and copies", () => {
    expect(zeros([2]).fill_(3).toArray()).toEqual([3, 3]);
    expect(tensor([1, 2]).zero_().toArray()).toEqual([0, 0]);
    expect(tensor([-2, 0.5, 2]).clamp_(-1, 1).toArray()).toEqual([-1, 0.5, 1]);
    expect(tensor([-2, 2]).clamp_(0).toArray()).toEqual([0, 2]);
    expect(tensor([-2, 2]).clamp_(null, 0).toArray()).toEqual([-2, 0]);
    expect(
      zeros([2, 2])
        .copy_(tensor([1, 2]))
        .toArray(),
    ).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it("does nothing to a tensor without elements, whatever its shape", () => {
    for (const shape of [[0], [2, 0], [2, 0, 3]]) {
      const x = zeros(shape);
      expect(x.add_(1)).toBe(x);
      expect(x.copy_(zeros(shape)).fill_(2).shape).toEqual(shape);
    }
  });
});

describe("a refused write", () => {
  const refused: readonly (readonly [
    string,
    () => readonly [Tensor, () => unknown],
    typeof ThalwegError,
    string,
  ])[] = [
    [
      "to a target that was expanded",
      () => {
        const x = tensor([[1], [2]]);
        const wide = x.expand([2, 3]);
        return [x, () => wide.add_(1)];
      },
      ShapeError,
      "add_: several elements of the target share one memory location, it was expanded; write to clone() of it",
    ],
    [
      "to windows that overlap",
      () => {
        const x = arange(5);
        return [x, () => x.unfold(0, 3, 1).fill_(0)];
      },
      ShapeError,
      "fill_: several elements of the target share one memory location, it was expanded; write to clone() of it",
    ],
    [
      "that would make the target larger",
      () => {
        const x = tensor([1, 2]);
        return [
          x,
          () =>
            x.mul_(
              tensor([
                [1, 2],
                [3, 4],
              ]),
            ),
        ];
      },
      ShapeError,
      "mul_: cannot broadcast, shape [2, 2] to [2]; trailing dimensions must be equal, or 1 where they are to be repeated",
    ],
    [
      "of another type",
      () => {
        const x = tensor([1, 2], { dtype: "int32" });
        return [x, () => x.add_(tensor([1, 2.5]))];
      },
      DTypeError,
      'add_: the result is float32, and the target is int32; convert it first with .to("float32")',
    ],
    [
      "of a value that is not a tensor",
      () => {
        const x = tensor([1, 2]);
        return [x, () => x.sub_([1, 2] as unknown as Tensor)];
      },
      DTypeError,
      "sub_: other must be a tensor, or a number, got [1, 2]; create a tensor with tensor(data)",
    ],
  ];

  it.each(refused)("%s changes nothing", (_, prepare, kind, message) => {
    const [x, write] = prepare();
    const before = { data: x.dataSync(), version: x.storage.version };
    expect(write).toThrow(kind);
    expect(write).toThrow(message);
    expect({ data: x.dataSync(), version: x.storage.version }).toEqual(before);
  });
});

describe("an update of several tensors", () => {
  const program = new MapProgram("heavyBall", 4, [
    trace(4, (p, g, b, lr) => p!.sub(b!.mul(0.5).add(g!).mul(lr!))),
    trace(4, (_p, g, b) => b!.mul(0.5).add(g!)),
  ]);

  it("writes all results in one pass, and counts one write for each", () => {
    const [p, g, b] = [tensor([1, 2]), tensor([2, 4]), tensor([4, 0])];
    updateInPlace(program, [p, b], [p, g, b, 0.25]);
    expect(p.toArray()).toEqual([0, 1]);
    expect(b.toArray()).toEqual([4, 4]);
    expect([p, g, b].map((x) => x.storage.version)).toEqual([1, 0, 1]);
  });

  it("refuses a target with elements that share memory", () => {
    const p = tensor([1]).expand([2]);
    expect(() => updateInPlace(program, [p, p], [p, p, p, 1])).toThrow(
      "heavyBall: several elements of the target share one memory location",
    );
  });
});
