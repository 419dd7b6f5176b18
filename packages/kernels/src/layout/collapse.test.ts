import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { indicesOf, viewChains } from "../../test/random-views";
import { collapse, forEachOuter, type Loops } from "./collapse";
import { Layout } from "./layout";

/** Positions of all operands, in the order in which the loops visit them. */
function visits(loops: Loops): number[][] {
  const seen: number[][] = [];
  forEachOuter(loops, 0, (positions) => void seen.push([...positions]));
  return seen;
}

/** The same, with the innermost loop run by hand, as in kernels. */
function visitsByLines(loops: Loops): number[][] {
  const seen: number[][] = [];
  const last = loops.extents.length - 1;
  const extent = loops.extents[last] ?? 1;
  forEachOuter(loops, 1, (starts) => {
    for (let i = 0; i < extent; i++) {
      seen.push(starts.map((start, k) => start + i * (loops.strides[k]![last] ?? 0)));
    }
  });
  return seen;
}

function direct(shape: readonly number[], layouts: readonly Layout[]): number[][] {
  return indicesOf(shape).map((index) => layouts.map((layout) => layout.at(index)));
}

/** Layouts of one shape: dense, transposed, flipped, broadcast along some dimensions, or with arbitrary strides. */
const operands = fc
  .array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
  .map((shape) => shape.map((extent) => (extent === 0 ? 1 : extent)))
  .chain((shape) => {
    const dense = Layout.contiguous(shape);
    const some = fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length });
    const withStrides = (strides: readonly number[]) => new Layout(shape, strides, 7);
    const layout = fc.oneof(
      fc.constant(dense),
      some.map((which) => withStrides(dense.strides.map((s, d) => (which[d] ? 0 : s)))),
      some.map((which) => withStrides(dense.strides.map((s, d) => (which[d] ? -s : s)))),
      fc.constant(withStrides(dense.strides.map((s) => 3 * s))),
      fc.constant(withStrides([...dense.strides].reverse())),
      fc
        .array(fc.integer({ min: -9, max: 9 }), { minLength: shape.length, maxLength: shape.length })
        .map(withStrides),
    );
    return fc.record({
      shape: fc.constant(shape),
      layouts: fc.array(layout, { minLength: 1, maxLength: 3 }),
    });
  });

describe("collapse", () => {
  test.prop([operands], { numRuns: 400 })(
    "visits the same positions of all operands in the same order",
    ({ shape, layouts }) => {
      const loops = collapse(shape, layouts);
      const expected = direct(shape, layouts);
      expect(visits(loops)).toEqual(expected);
      expect(visitsByLines(loops)).toEqual(expected);
    },
  );

  test.prop([viewChains()], { numRuns: 400 })("visits a chain of views as its model does", (viewed) => {
    const { layout, model } = viewed;
    expect(visits(collapse(layout.shape, [layout])).map(([position]) => position)).toEqual(model.positions);
  });

  test.prop([operands])("leaves no loop that could be merged or dropped", ({ shape, layouts }) => {
    const { extents, strides } = collapse(shape, layouts);
    expect(extents).not.toContain(1);
    for (let d = 1; d < extents.length; d++) {
      const mergeable = strides.every((own) => own[d - 1] === own[d]! * extents[d]!);
      expect(mergeable, `loops ${d - 1} and ${d} of ${extents}`).toBe(false);
    }
  });

  it("makes one loop of dense operands, whatever their rank", () => {
    const dense = Layout.contiguous([2, 3, 1, 4]);
    expect(collapse(dense.shape, [dense, dense])).toEqual({
      extents: [24],
      strides: [[1], [1]],
      offsets: [0, 0],
    });
  });

  it("visits a scalar once and an empty shape never", () => {
    const scalar = new Layout([], [], 5);
    expect(visits(collapse([], [scalar]))).toEqual([[5]]);
    for (const shape of [[0], [2, 0], [0, 3]]) {
      expect(visits(collapse(shape, [Layout.contiguous(shape)]))).toEqual([]);
    }
  });
});
