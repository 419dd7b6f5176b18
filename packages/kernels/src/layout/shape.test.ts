import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { broadcastShapes, checkShape, normalizeDim, normalizeDims, normalizeIndex, sameShape } from "./shape";

const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });

describe("broadcastShapes", () => {
  test.prop([shape, shape])("does not depend on the order", (a, b) => {
    const attempt = (...shapes: number[][]) => {
      try {
        return broadcastShapes("op", shapes);
      } catch {
        return null;
      }
    };
    expect(attempt(a, b)).toEqual(attempt(b, a));
  });

  test.prop([shape])("keeps a shape that is combined with itself, a scalar, or ones", (a) => {
    expect(broadcastShapes("op", [a, a])).toEqual(a);
    expect(broadcastShapes("op", [a, []])).toEqual(a);
    expect(
      broadcastShapes("op", [
        a.map((extent, d) => (d % 2 ? 1 : extent)),
        a.map((extent, d) => (d % 2 ? extent : 1)),
      ]),
    ).toEqual(a);
  });

  it("broadcasts 1, and no other extent, to an empty dimension", () => {
    expect(broadcastShapes("op", [[0], [1]])).toEqual([0]);
    expect(() => broadcastShapes("op", [[0], [2]])).toThrow(
      "op: shapes do not broadcast, [0] and [2]; trailing dimensions must be equal or 1: reshape or unsqueeze one side",
    );
  });

  it("shows all the shapes it was given", () => {
    expect(() => broadcastShapes("lerp", [[2], [2], [3]])).toThrow(
      "lerp: shapes do not broadcast, [2] and [2] and [3]; ",
    );
  });
});

describe("dimensions and indices", () => {
  test.prop([fc.integer({ min: 1, max: 6 }), fc.integer({ min: -8, max: 8 })])(
    "count from either end",
    (ndim, dim) => {
      if (dim >= -ndim && dim < ndim) {
        expect(normalizeDim("op", dim, ndim)).toBe((dim + ndim) % ndim);
        expect(normalizeIndex("op", dim, ndim, 0)).toBe((dim + ndim) % ndim);
      } else {
        expect(() => normalizeDim("op", dim, ndim)).toThrow(`op: dim ${dim} does not exist`);
        expect(() => normalizeIndex("op", dim, ndim, 0)).toThrow(`op: index ${dim} is out of range`);
      }
    },
  );

  it("let a scalar be reduced over dim 0 and -1, as in PyTorch", () => {
    expect(normalizeDims("sum", 0, 0)).toEqual([]);
    expect(normalizeDims("sum", [-1], 0)).toEqual([]);
    expect(() => normalizeDims("sum", 1, 0)).toThrow(
      "sum: dim 1 does not exist, the tensor has 0 dimensions; use a dim from -1 to 0",
    );
  });

  it("are sorted for a reduction, and refused when named twice", () => {
    expect(normalizeDims("sum", [2, -3], 3)).toEqual([0, 2]);
    expect(normalizeDims("sum", undefined, 2)).toEqual([0, 1]);
    expect(normalizeDims("sum", [], 2)).toEqual([0, 1]);
    expect(() => normalizeDims("sum", [0, -2], 2)).toThrow(
      "sum: a dim is named twice, [0,-2]; name each dimension once",
    );
  });

  it("must be whole numbers", () => {
    expect(() => normalizeDim("sum", 0.5, 2)).toThrow("sum: dim 0.5 does not exist");
    expect(() => normalizeIndex("select", 0, 0, 1)).toThrow(
      "select: index 0 is out of range, dim 1 has 0 elements; there is nothing to select from",
    );
  });
});

describe("shapes", () => {
  it("are compared by their extents", () => {
    expect(sameShape([2, 3], [2, 3])).toBe(true);
    expect(sameShape([2, 3], [3, 2])).toBe(false);
    expect(sameShape([2], [2, 1])).toBe(false);
  });

  it("must consist of whole numbers that are not negative", () => {
    for (const wrong of [[-1], [1.5], [Number.NaN], [2 ** 60]]) {
      expect(() => checkShape("zeros", wrong)).toThrow(
        `zeros: sizes must be whole numbers from 0 on, got [${wrong}]; compute whole sizes before creating the tensor`,
      );
    }
    expect(() => checkShape("zeros", 3 as unknown as number[])).toThrow(
      "zeros: a shape is an array of sizes, got 3; write [2, 3]",
    );
  });
});
