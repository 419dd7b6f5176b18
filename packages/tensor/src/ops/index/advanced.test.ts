import { fc, test } from "@fast-check/vitest";
import { DTypeError, IndexError, ShapeError } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { arange, type IndexTerm, index, indexPut, indexPut_, type Tensor, tensor, zeros } from "../../index";

/** One index for each dimension: a range, or positions that broadcast. */
type Term = null | number | [null, null, number] | { positions: number[]; isColumn: boolean };

const shape = [3, 2, 4];
const termOf = (extent: number): fc.Arbitrary<Term> =>
  fc.oneof(
    fc.constant(null),
    fc.integer({ min: -extent, max: extent - 1 }),
    fc.constantFrom<Term>([null, null, 1], [null, null, -1], [null, null, 2]),
    fc.record({
      positions: fc.array(fc.integer({ min: -extent, max: extent - 1 }), { minLength: 2, maxLength: 2 }),
      isColumn: fc.boolean(),
    }),
  );
const terms = fc.tuple(...shape.map(termOf));

const isPositions = (term: Term): term is Extract<Term, { positions: number[] }> =>
  typeof term === "object" && term !== null && "positions" in term;

function asIndex(term: Term): IndexTerm {
  if (!isPositions(term)) return term;
  const { positions, isColumn } = term;
  return tensor(positions, { dtype: "int32", shape: isColumn ? [2, 1] : [2] });
}

/** The positions that a range takes. */
function taken(term: Exclude<Term, number | { positions: number[] }>, extent: number): number[] {
  const all = Array.from({ length: extent }, (_, i) => i);
  if (term === null) return all;
  const [, , step] = term;
  return (step < 0 ? all.reverse() : all).filter((_, i) => i % Math.abs(step) === 0);
}

/** Where each element of the result comes from, by the definition: shape, and positions in the flattened tensor. */
function sources(given: readonly Term[]): { shape: number[]; from: number[] } {
  const rank = given.some((term) => isPositions(term) && term.isColumn) ? 2 : 1;
  const together = given.some(isPositions) ? new Array<number>(rank).fill(2) : [];
  if (given.every((term) => !isPositions(term) || term.isColumn)) together.fill(1, 1);
  // Numbers are no tensors: they remove their dimension before the tensors are looked at.
  const kept = given
    .map((term, d) => ({ term, extent: shape[d]! }))
    .filter(({ term }) => typeof term !== "number");
  const places = kept.flatMap(({ term }, d) => (isPositions(term) ? [d] : []));
  const areNeighbours = places.every((d, k) => d === places[0]! + k);
  const extents = kept.flatMap(({ term, extent }) =>
    isPositions(term) || typeof term === "number" ? [] : [taken(term, extent).length],
  );
  const before = areNeighbours ? kept.slice(0, places[0] ?? 0).length : 0;
  const result = extents.toSpliced(before, 0, ...together);
  const from = [...walk(result)].map((at) => {
    const own = at.toSpliced(before, together.length);
    const shared = at.slice(before, before + together.length);
    return given.reduce<number>((position, term, d) => {
      const extent = shape[d]!;
      const of = (): number => {
        if (typeof term === "number") return term;
        if (!isPositions(term)) return taken(term, extent)[own.shift()!]!;
        return term.positions[term.isColumn ? shared[0]! : shared.at(-1)!]!;
      };
      return position * extent + ((of() + extent) % extent);
    }, 0);
  });
  return { shape: result, from };
}

function* walk(extents: readonly number[], at: number[] = []): Generator<number[]> {
  if (at.length === extents.length) {
    yield at;
    return;
  }
  for (let i = 0; i < extents[at.length]!; i++) yield* walk(extents, [...at, i]);
}

const cube = (): Tensor => arange(24).reshape(shape);

describe("index", () => {
  test.prop([terms], { numRuns: 500 })("takes the elements of the definition", (given) => {
    const expected = sources(given);
    const found = index(cube(), ...given.map(asIndex));
    expect(found.shape).toEqual(expected.shape);
    expect([...found.dataSync()]).toEqual(expected.from);
  });

  test.prop([terms], { numRuns: 100 })("does not depend on the layout", (given) => {
    const turned = cube().transpose(0, 2).contiguous().transpose(0, 2);
    const [a, b] = [index(cube(), ...given.map(asIndex)), index(turned, ...given.map(asIndex))];
    expect(b.toArray()).toEqual(a.toArray());
  });

  it("is a view where all are ranges, and a copy otherwise", () => {
    const x = cube();
    expect(index(x, null, [0, 1]).storage).toBe(x.storage);
    expect(index(x).storage).toBe(x.storage);
    expect(index(x, tensor([0])).storage).not.toBe(x.storage);
  });

  it("takes masks, which stand for as many dimensions as they have", () => {
    const x = cube();
    expect(index(x, x.gt(20)).toArray()).toEqual([21, 22, 23]);
    const flags = tensor([
      [true, false],
      [false, false],
      [false, true],
    ]);
    expect(index(x, flags, 1).toArray()).toEqual([1, 21]);
    expect(index(x, tensor(true)).shape).toEqual([1, 3, 2, 4]);
    expect(index(x, tensor(false)).shape).toEqual([0, 3, 2, 4]);
  });

  it("refuses positions outside of their dimension, and says which and how many there are", () => {
    const at = (position: number) => () => index(cube(), null, tensor([0, position]));
    const others = "of the 2 positions of the dimension; indices are whole numbers from 0 to 1";
    expect(at(2)).toThrow(IndexError);
    expect(at(2)).toThrow(`index: index 2 is not one ${others}`);
    expect(at(-3)).toThrow(`index: index -3 is not one ${others}`);
    expect(at(0.5)).toThrow(`index: index 0.5 is not one ${others}`);
    // Also where the position in all dimensions together exists.
    expect(() => index(cube(), tensor([0]), tensor([2]))).toThrow(`index: index 2 is not one ${others}`);
  });

  it("refuses masks and tensors that do not fit, and too many of them", () => {
    expect(() => index(cube(), tensor([true, false]))).toThrow(
      "index: a mask does not fit, [2] and the dimensions [3] from dim 0 on; it has the shape of the dimensions that it stands for",
    );
    expect(() => index(cube(), tensor([0, 1]), tensor([0, 1, 0]))).toThrow(ShapeError);
    expect(() => index(cube(), 0, 0, 0, tensor([0]))).toThrow("index: 4 ranges were given");
    expect(() => index(cube(), "all" as never)).toThrow(
      "index: indices must be an array, each element a tensor",
    );
  });
});

describe("indexPut_", () => {
  test.prop([terms], { numRuns: 300 })(
    "writes the elements that index takes, the last of duplicates",
    (given) => {
      const places = sources(given);
      const values = arange(100, 100 + places.from.length).reshape(places.shape);
      const expected = Array.from({ length: 24 }, (_, i) => i);
      places.from.forEach((at, i) => {
        expected[at] = 100 + i;
      });
      const x = cube();
      expect(indexPut_(x, given.map(asIndex), values)).toBe(x);
      expect([...x.dataSync()]).toEqual(expected);
      const turned = cube().transpose(0, 1).contiguous().transpose(0, 1);
      indexPut_(turned, given.map(asIndex), values);
      expect([...turned.dataSync()]).toEqual(expected);
    },
  );

  test.prop([terms], { numRuns: 200 })("adds up duplicates with accumulate", (given) => {
    const expected = Array.from({ length: 24 }, (_, i) => i);
    for (const at of sources(given).from) expected[at]! += 2;
    const x = indexPut(cube(), given.map(asIndex), 2, { accumulate: true });
    expect([...x.dataSync()]).toEqual(expected);
  });

  it("counts as a write, and its values may be elements of the target", () => {
    const x = arange(4);
    const before = x.storage.version;
    indexPut_(x, [tensor([0, 1, 2, 3])], x.flip(0));
    expect(x.toArray()).toEqual([3, 2, 1, 0]);
    expect(x.storage.version).toBeGreaterThan(before);
  });

  it("refuses what does not fit, and writes nothing", () => {
    const x = zeros([3, 4]);
    expect(() => indexPut_(x, [tensor([0, 2])], tensor([1, 2, 3]))).toThrow(
      "indexPut_: the values do not fit, [3] and the indexed shape [2, 4]; they must broadcast to it",
    );
    expect(() => indexPut_(x, [tensor([0, 3])], 1)).toThrow(
      "indexPut_: index 3 is not one of the 3 positions",
    );
    expect(() => indexPut_(x, [tensor([0])], tensor([1], { dtype: "int32" }))).toThrow(DTypeError);
    expect(() => indexPut_(x.select(0, 0).expand([2, 4]), [tensor([0])], 1)).toThrow(
      "indexPut_: several elements of the target share one memory location, it was expanded",
    );
    expect(x.sum().item()).toBe(0);
  });
});
