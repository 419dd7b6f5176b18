import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { indicesOf, viewChains } from "../../test/random-views";
import { ShapeError } from "../errors";
import { Layout } from "./layout";

const runs = { numRuns: 400 };

describe("a chain of views", () => {
  test.prop([viewChains()], runs)("shows the elements that its model shows", ({ layout, model }) => {
    expect(layout.shape).toEqual(model.shape);
    expect(layout.size).toBe(model.positions.length);
    expect(layout.ndim).toBe(model.shape.length);
    expect(indicesOf(layout.shape).map((index) => layout.at(index))).toEqual(model.positions);
  });

  test.prop([viewChains()], runs)("never leaves its storage", ({ layout, storage }) => {
    for (const index of indicesOf(layout.shape)) {
      const position = layout.at(index);
      expect(position).toBeGreaterThanOrEqual(0);
      expect(position).toBeLessThan(storage);
    }
  });

  test.prop([viewChains()], runs)(
    "is contiguous exactly when its elements follow each other",
    ({ layout, model }) => {
      const follows = model.positions.every((position, i) => position === layout.offset + i);
      expect(layout.isContiguous).toBe(follows);
    },
  );

  test.prop([viewChains()], runs)(
    "is constant exactly when every index reads the same element",
    ({ layout, model: { positions } }) => {
      expect(layout.isConstant).toBe(positions.length > 0 && new Set(positions).size === 1);
    },
  );
});

const sharesElements = (positions: readonly number[]) => new Set(positions).size < positions.length;

describe("overlaps", () => {
  test.prop([viewChains()], runs)("never misses a shared element", ({ layout, model }) => {
    if (sharesElements(model.positions)) expect(layout.overlaps).toBe(true);
  });

  test.prop([viewChains(["unfold", "expand"])], runs)(
    "is false for views made without expand and unfold",
    ({ layout }) => {
      expect(layout.overlaps).toBe(false);
    },
  );

  test.prop([viewChains(["unfold"])], runs)("is exact for views made without unfold", ({ layout, model }) => {
    expect(layout.overlaps).toBe(sharesElements(model.positions));
  });

  it("is conservative where dimensions interleave without sharing an element", () => {
    const interleaved = new Layout([2, 3], [3, 2]);
    expect(sharesElements(indicesOf([2, 3]).map((index) => interleaved.at(index)))).toBe(false);
    expect(interleaved.overlaps).toBe(true);
  });

  it("is false for a layout without elements", () => {
    for (const shape of [[0], [2, 0], [2, 0, 3], [3, 3, 0]]) {
      expect(Layout.contiguous(shape).overlaps, `[${shape}]`).toBe(false);
    }
  });
});

describe("reshape", () => {
  /** The layout of `shape` that visits `positions`, derived from neighbouring positions; null where none exists. */
  function search(positions: readonly number[], shape: readonly number[]): Layout | null {
    if (positions.length === 0) return Layout.contiguous(shape);
    const weights = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
    // The distance to the next element along a dimension is its stride. With extent 1, any stride works.
    const strides = shape.map((extent, d) => (extent === 1 ? 0 : positions[weights[d]!]! - positions[0]!));
    const found = new Layout(shape, strides, positions[0]);
    return indicesOf(shape).every((index, i) => found.at(index) === positions[i]) ? found : null;
  }

  /** All shapes of `size` elements, with at most one dimension of extent 1. */
  function shapesOf(size: number): number[][] {
    if (size === 0) return [[0], [0, 3], [2, 0]];
    const plain: number[][] = size === 1 ? [[]] : [];
    for (let first = 2; first <= size; first++) {
      if (size % first === 0) {
        plain.push(...shapesOf(size / first).map((rest) => [first, ...rest.filter((n) => n > 1)]));
      }
    }
    const distinct = [...new Map(plain.map((shape) => [shape.join(), shape])).values()];
    const padded = distinct.flatMap((shape) =>
      Array.from({ length: shape.length + 1 }, (_, d) => shape.toSpliced(d, 0, 1)),
    );
    return [...distinct, ...padded];
  }

  const small = viewChains().filter(({ layout }) => layout.size <= 36);

  test.prop([small], { numRuns: 200 })(
    "returns null only when no strides exist, and otherwise the same elements",
    ({ layout, model: { positions } }) => {
      for (const shape of shapesOf(layout.size)) {
        const reshaped = layout.reshape(shape);
        expect(reshaped !== null, `to [${shape}]`).toBe(search(positions, shape) !== null);
        if (reshaped === null) continue;
        expect(reshaped.shape).toEqual(shape);
        expect(indicesOf(shape).map((index) => reshaped.at(index))).toEqual(positions);
      }
    },
  );

  it("ignores the strides of dimensions of extent 1", () => {
    const layout = new Layout([2, 1, 3, 1], [3, 77, 1, -5], 4);
    expect(layout.reshape([6])).toMatchObject({ strides: [1], offset: 4 });
    expect(new Layout([1, 1], [9, 8], 2).reshape([])).toMatchObject({ shape: [], offset: 2 });
  });

  it("keeps a flipped dimension and splits it", () => {
    const flipped = Layout.contiguous([6]).slice(0, 5, 6, -1);
    expect(flipped.reshape([2, 3])).toMatchObject({ strides: [-3, -1], offset: 5 });
  });

  it("cannot merge the columns of a transposed matrix", () => {
    expect(Layout.contiguous([2, 3]).permute([1, 0]).reshape([6])).toBeNull();
  });
});

describe("expand", () => {
  const extents = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });

  test.prop([extents, extents])("accepts exactly those shapes that broadcasting allows", (from, to) => {
    const lead = to.length - from.length;
    const allowed = lead >= 0 && from.every((extent, d) => extent === 1 || extent === to[lead + d]);
    const expand = () => Layout.contiguous(from).expand(to, "multiply");
    if (allowed) {
      expect(expand().shape).toEqual(to);
      return;
    }
    expect(expand).toThrow(ShapeError);
    expect(expand).toThrow(
      `multiply: cannot broadcast, shape [${from.join(", ")}] to [${to.join(", ")}]; ` +
        "trailing dimensions must be equal, or 1 where they are to be repeated",
    );
  });
});
