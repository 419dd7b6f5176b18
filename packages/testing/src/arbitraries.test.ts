import { type Tensor, tensor } from "@thalweg/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { broadcastable, layouts, shapes, tensors } from "./index";

/** The simplest value for which a property fails. */
function shrunk<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => boolean): T {
  const { failed, counterexample } = fc.check(fc.property(arbitrary, holds), { seed: 7, numRuns: 1000 });
  expect(failed).toBe(true);
  return counterexample![0];
}

const elements = (x: Tensor) => Array.from(x.dataSync());

describe("shapes", () => {
  it("stay within their constraints", () => {
    const range = { minRank: 1, maxRank: 4, minExtent: 0, maxExtent: 2 };
    fc.assert(
      fc.property(shapes(range), (shape) => {
        expect(shape.length).toBeGreaterThanOrEqual(1);
        expect(shape.length).toBeLessThanOrEqual(4);
        for (const extent of shape) expect([0, 1, 2]).toContain(extent);
      }),
    );
    fc.assert(fc.property(shapes(), (shape) => shape.length <= 3 && shape.every((n) => n >= 1 && n <= 4)));
  });

  it("reach the ends of their constraints", () => {
    const found = fc.sample(shapes({ maxRank: 2, minExtent: 0, maxExtent: 2 }), { seed: 1, numRuns: 500 });
    expect(new Set(found.map((shape) => shape.length))).toEqual(new Set([0, 1, 2]));
    expect(new Set(found.flat())).toEqual(new Set([0, 1, 2]));
  });

  it("shrink to fewer and smaller dimensions", () => {
    expect(shrunk(shapes(), (shape) => shape.length < 2)).toEqual([1, 1]);
    expect(shrunk(shapes(), (shape) => !shape.some((extent) => extent > 2))).toEqual([3]);
  });
});

describe("broadcastable", () => {
  it("draws shapes that broadcast to the first of them", () => {
    fc.assert(
      fc.property(broadcastable(3, { minExtent: 0 }), (all) => {
        expect(all).toHaveLength(3);
        for (const shape of all) {
          expect(tensor(0).expand(shape).expand(all[0]!).shape).toEqual(all[0]);
        }
      }),
    );
  });

  it("draws narrower shapes, ones and equal shapes", () => {
    const found = fc.sample(broadcastable(2, { minRank: 2, minExtent: 2 }), { seed: 1, numRuns: 300 });
    expect(found.some(([wide, other]) => other!.length < wide!.length)).toBe(true);
    expect(found.some(([, other]) => other!.includes(1))).toBe(true);
    expect(found.some(([wide, other]) => wide!.join() === other!.join())).toBe(true);
  });
});

describe("tensors", () => {
  it("have the shape, the type and the range that they were given", () => {
    fc.assert(
      fc.property(
        tensors({ shape: [2, 3], min: 0.5, max: 0.75, dtype: "float64", requiresGrad: true }),
        (x) => {
          expect(x).toMatchObject({ shape: [2, 3], dtype: "float64", requiresGrad: true, isLeaf: true });
          for (const value of elements(x)) {
            expect(value).toBeGreaterThanOrEqual(0.5);
            expect(value).toBeLessThanOrEqual(0.75);
          }
        },
      ),
    );
  });

  it("accept the constraints of shapes, and can be empty", () => {
    const found = fc.sample(tensors({ minRank: 1, maxRank: 1, minExtent: 0 }), { seed: 1, numRuns: 200 });
    expect(found.every((x) => x.ndim === 1)).toBe(true);
    expect(found.some((x) => x.size === 0)).toBe(true);
  });

  it("shrink towards few elements, and these towards 0", () => {
    const found = shrunk(tensors(), (x) => elements(x).every((value) => value === 0));
    expect(found.shape).toEqual([]);
    expect(Math.abs(found.item())).toBe(2 ** -10);
    const pair = shrunk(tensors({ shape: [2] }), (x) => elements(x).every((value) => value > -1));
    expect(
      elements(pair)
        .map((v) => v + 0)
        .sort(),
    ).toEqual([-1, 0]);
  });

  it("shrink towards the number nearest to 0 in their range", () => {
    const found = shrunk(tensors({ shape: [2], min: 3, max: 5 }), () => false);
    expect(found.toArray()).toEqual([3, 3]);
  });

  it("print themselves in counterexamples", () => {
    const report = fc.check(
      fc.property(tensors({ shape: [2] }), () => false),
      { seed: 1 },
    );
    expect(fc.defaultReportMessage(report)).toContain("Counterexample: [tensor([");
  });
});

describe("layouts", () => {
  it("keep elements, shape and type", () => {
    fc.assert(
      fc.property(tensors({ minExtent: 0, maxRank: 4 }), layouts(), (x, layout) => {
        const y = layout(x);
        expect(y.shape).toEqual(x.shape);
        expect(y.dtype).toBe(x.dtype);
        expect(elements(y)).toEqual(elements(x));
      }),
      { numRuns: 300 },
    );
  });

  it("draw strides that are permuted, spread, reversed and behind an offset", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const found = fc.sample(layouts(), { seed: 1, numRuns: 200 }).map((layout) => layout(x));
    expect(found.some((y) => y.strides[0]! < y.strides[1]!)).toBe(true);
    expect(found.some((y) => y.strides.some((stride) => stride < 0))).toBe(true);
    expect(found.some((y) => y.strides[1]! > 1 && y.strides[0]! > y.strides[1]!)).toBe(true);
    expect(found.some((y) => y.offset > 0 && y.strides.every((stride) => stride > 0))).toBe(true);
    expect(found.some((y) => y.isContiguous())).toBe(true);
  });

  it("are differentiable: the gradient comes back as it would without them", () => {
    fc.assert(
      fc.property(tensors({ requiresGrad: true }), layouts(), (x, layout) => {
        x.grad = null;
        const seed = x.detach().mul(3).add(1);
        layout(x).backward(seed);
        expect(elements(x.grad!)).toEqual(elements(seed));
      }),
    );
  });

  it("are named in counterexamples", () => {
    const names = new Set(fc.sample(layouts(), { seed: 1, numRuns: 200 }).map(String));
    for (const kind of ["dense", "permuted", "gaps", "flipped", "offset"]) {
      expect([...names].some((name) => name.startsWith(kind))).toBe(true);
    }
  });
});
