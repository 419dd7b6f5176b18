import { fc, test } from "@fast-check/vitest";
import { type DType, Layout } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import {
  elements,
  floats,
  type Laying,
  laying,
  layOut,
  Memory,
  runtime,
  writable,
} from "../../../test/linear-memory";
import { gather as gatherInJs, scatterAdd as scatterAddInJs } from "../../index-kernels";
import { gather, scatterAdd } from "./gather";

const dense: Laying = { broadcast: [], order: 0, flip: [], gap: 0, offset: 0 };
const operand = fc.oneof(fc.constant(dense), laying);

const cases = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    last: fc.constantFrom(shape.at(-1)!, 40),
    dim: fc.nat(shape.length - 1),
    extent: fc.integer({ min: 1, max: 6 }),
    hows: fc.tuple(operand, operand, operand),
    whole: fc.boolean(),
    dtype: fc.constantFrom<DType>("float32", "int32"),
    seed: fc.nat(1e6),
  }),
);

function arrange({
  shape,
  last,
  dim,
  extent,
  hows,
  whole,
  dtype,
  seed,
}: typeof cases extends fc.Arbitrary<infer T> ? T : never) {
  const extents = shape.with(-1, last);
  const memory = new Memory(seed);
  const put = (size: readonly number[], how: Laying, salt: number) => {
    const { layout, length } = layOut(size, how);
    return memory.put(elements(dtype, length, seed + salt), layout);
  };
  // For whole rows, all other dimensions share the indices.
  const picks = whole ? { ...hows[0], broadcast: extents.map((_, d) => d !== dim) } : hows[0];
  const { layout, length } = layOut(extents, picks);
  const indices = floats(length, 3 * seed + 1).map((x) => Math.floor((Math.abs(x) / 4) * extent) % extent);
  return { memory, index: memory.put(indices, layout), put, extents, along: extents.with(dim, extent) };
}

describe("gather", () => {
  test.prop([cases], { numRuns: 300 })("has the elements of the JavaScript kernel", (it) => {
    const { memory, index, put, extents, along } = arrange(it);
    const out = put(extents, writable(it.hows[1]), 0);
    const input = put(along, it.hows[2], 1);
    if (gather(runtime, out.linear, input.linear, it.dim, index.linear)) {
      gatherInJs("gather", out.view, input.view, it.dim, index.view);
    }
    expect(memory.differences()).toEqual([]);
  });
});

describe("scatterAdd", () => {
  test.prop([cases], { numRuns: 300 })("adds in the order of the JavaScript kernel", (it) => {
    const { memory, index, put, extents, along } = arrange(it);
    const out = put(along, writable(it.hows[1]), 0);
    const src = put(extents, it.hows[2], 1);
    if (scatterAdd(runtime, out.linear, it.dim, index.linear, src.linear)) {
      scatterAddInJs("scatterAdd", out.view, it.dim, index.view, src.view);
    }
    expect(memory.differences()).toEqual([]);
  });
});

describe("both kernels", () => {
  const at = (shape: readonly number[], strides: readonly number[]) => ({
    address: runtime.heap.keep(4096),
    layout: new Layout(shape, strides),
  });

  it("take rows of an embedding", () => {
    const [table, rows, index] = [at([6, 10], [10, 1]), at([4, 10], [10, 1]), at([4, 10], [1, 0])];
    expect(gather(runtime, rows, table, 0, index)).toBe(true);
    expect(scatterAdd(runtime, table, 0, index, rows)).toBe(true);
  });

  it("take one element of each row", () => {
    const [scores, picked, index] = [at([6, 10], [10, 1]), at([6, 1], [1, 1]), at([6, 1], [1, 1])];
    expect(gather(runtime, picked, scores, 1, index)).toBe(true);
    expect(scatterAdd(runtime, scores, 1, index, picked)).toBe(true);
  });
});
