import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../../src/create";
import "../../src/index";
import { setCodeGeneration } from "@thalweg/cpu";
import * as operations from "../../src/ops";
import type { Dims } from "../../src/ops/reduce/reduction";
import { Generator, randn } from "../../src/random";
import type { Tensor } from "../../src/tensor";

type Reduction = (x: Tensor, dim?: Dims, options?: { readonly keepDim?: boolean }) => Tensor;

const { sum, mean, prod, amax, amin, any, all, logsumexp, norm, std } = operations;
const reductions: Record<string, Reduction> = {
  sum,
  mean,
  prod,
  amax,
  amin,
  any,
  all,
  logsumexp,
  norm,
  std,
  var: operations.var,
};

const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });

/** The same elements in memory with other orders and directions of dimensions, and sometimes with gaps. */
function stored(x: Tensor, salt: number): Tensor {
  const order = x.shape.map((_, d) => d);
  for (let d = order.length - 1; d > 0; d--) {
    const other = (salt >> d) % (d + 1);
    [order[d], order[other]] = [order[other]!, order[d]!];
  }
  const back = order.map((_, d) => order.indexOf(d));
  let y = x.permute(order);
  const flipped = order.map((_, d) => d).filter((d) => (salt >> (d + 4)) % 2 === 1);
  y = y.flip(flipped).contiguous().flip(flipped);
  if (salt % 3 === 0) y = y.unsqueeze(y.ndim).pad([1, 1], { value: Number.NaN }).select(y.ndim, 1);
  return y.permute(back);
}

const bits = (x: Tensor) => Array.from(x.dataSync(), (v) => (Object.is(v, -0) ? "-0" : String(v)));

const call = fc.record({
  shape,
  seed: fc.nat({ max: 1e6 }),
  salt: fc.nat({ max: 255 }),
  which: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
});

const dimsOf = (shape: readonly number[], which: readonly boolean[]) =>
  shape.map((_, d) => d).filter((d) => which[d]);

describe.each(Object.entries(reductions))("%s", (_, reduce) => {
  test.prop([call], { numRuns: 80 })("has the same bits for all strides", ({ shape, seed, salt, which }) => {
    const x = randn(shape, { generator: new Generator(seed) });
    const dims = dimsOf(shape, which);
    expect(bits(reduce(stored(x, salt), dims))).toEqual(bits(reduce(x, dims)));
  });

  test.prop([call], { numRuns: 30 })(
    "has the same bits where code generation is forbidden",
    ({ shape, seed, salt, which }) => {
      const x = stored(randn(shape, { generator: new Generator(seed) }), salt);
      const dims = dimsOf(shape, which);
      const generated = bits(reduce(x, dims));
      const before = setCodeGeneration(false);
      try {
        expect(bits(reduce(x, dims))).toEqual(generated);
      } finally {
        setCodeGeneration(before);
      }
    },
  );

  test.prop([call], { numRuns: 30 })(
    "keeps reduced dimensions with extent 1 with keepDim",
    ({ shape, seed, which }) => {
      const x = randn(shape, { generator: new Generator(seed) });
      const dims = dimsOf(shape, which);
      const kept = reduce(x, dims, { keepDim: true });
      const reduced = dims.length === 0 ? shape.map((_, d) => d) : dims;
      expect(kept.shape).toEqual(shape.map((extent, d) => (reduced.includes(d) ? 1 : extent)));
      expect(bits(kept)).toEqual(bits(reduce(x, dims)));
    },
  );
});

/**
 * Number of lanes of a sum, and (`block`) of elements between two combinations of the lanes. The bits of a sum depend
 * on both.
 */
const lanes = 8;
const block = 256;

/**
 * The definition of a sum: float32 lane r mod 8 takes element r. After each block a tree adds the lanes, and float64
 * adds the trees.
 */
function defined(values: ArrayLike<number>): number {
  const f = Math.fround;
  let total = 0;
  for (let from = 0; from < values.length; from += block) {
    const lane = new Float32Array(lanes);
    for (let r = from; r < Math.min(from + block, values.length); r++) lane[r % lanes]! += values[r]!;
    const pair = (i: number) => f(lane[i]! + lane[i + 4]!);
    total += f(f(pair(0) + pair(1)) + f(pair(2) + pair(3)));
  }
  return f(total);
}

/** Numbers of elements on both sides of multiples of lanes and blocks. */
const length = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.constantFrom(block - 1, block, block + 1, 2 * block, 2 * block + 3),
);

describe("a sum", () => {
  test.prop([length, fc.integer({ min: 1, max: 4 }), fc.nat({ max: 255 }), fc.nat({ max: 1e6 })], {
    numRuns: 60,
  })("has the bits of its definition, along any dimension, in any layout", (n, others, salt, seed) => {
    const x = randn([others, n], { generator: new Generator(seed) });
    const expected = Array.from({ length: others }, (_, i) => defined(x.select(0, i).dataSync()));
    expect(sum(stored(x, salt), 1).toArray()).toEqual(expected);
    expect(sum(stored(x.transpose(0, 1), salt), 0).toArray()).toEqual(expected);
  });

  test.prop(
    [
      fc.constantFrom([50, 60], [3, 40, 30], [2100, 2], [5, 1, 700]),
      fc.nat({ max: 255 }),
      fc.nat({ max: 1e6 }),
    ],
    {
      numRuns: 40,
    },
  )("over several dimensions adds in row-major order", (shape, salt, seed) => {
    const x = randn(shape, { generator: new Generator(seed) });
    expect(sum(stored(x, salt)).item()).toBe(defined(x.dataSync()));
    const where = setCodeGeneration(false);
    try {
      expect(sum(stored(x, salt)).item()).toBe(defined(x.dataSync()));
    } finally {
      setCodeGeneration(where);
    }
  });

  test.prop([length, fc.nat({ max: 1e6 })], { numRuns: 40 })(
    "differs from float64 by at most the rounding errors of its steps",
    (n, seed) => {
      const x = randn([n], { generator: new Generator(seed) });
      const wide = x.to("float64");
      // Each element goes through at most block / lanes additions in its lane and three in the tree.
      const steps = Math.ceil(Math.min(n, block) / lanes) + 4;
      const bound = (steps * 2 ** -24) / (1 - steps * 2 ** -24);
      expect(Math.abs(sum(x).item() - sum(wide).item())).toBeLessThanOrEqual(bound * sum(wide.abs()).item());
    },
  );

  it("of many equal numbers stays accurate", () => {
    expect(sum(tensor(0.1).expand([1_000_000])).item()).toBeCloseTo(100_000, 0);
    expect(mean(tensor(0.1).expand([1_000_000])).item()).toBeCloseTo(0.1, 6);
  });

  it("reads a repeated element once for each index", () => {
    expect(sum(tensor([3]).expand([5, 4])).item()).toBe(60);
    expect(sum(tensor([[1], [2]]).expand([2, 3]), 1).toArray()).toEqual([3, 6]);
  });
});

describe("a reduction of no elements", () => {
  it("is the neutral element in the remaining shape", () => {
    expect(sum(zeros([0])).item()).toBe(0);
    expect(prod(zeros([2, 0]), 1).toArray()).toEqual([1, 1]);
    expect(mean(zeros([0])).item()).toBeNaN();
    expect(all(zeros([0])).item()).toBe(1);
    expect(any(zeros([0])).item()).toBe(0);
    expect(sum(zeros([0, 3]), 1).shape).toEqual([0]);
    expect(sum(zeros([0, 3]), 0).toArray()).toEqual([0, 0, 0]);
  });

  it("is an error for extrema, which have no neutral element", () => {
    expect(() => amax(zeros([2, 0]), 1)).toThrow(
      "amax: a reduced dimension is empty, shape [2, 0]; an empty set has no extreme element",
    );
    expect(amax(zeros([0, 3]), 1).shape).toEqual([0]);
  });
});

describe("extremes", () => {
  it("are NaN if any element is NaN", () => {
    const x = tensor([
      [1, Number.NaN],
      [3, 2],
    ]);
    expect(amax(x, 1).toArray()).toEqual([Number.NaN, 3]);
    expect(amin(x, 0).toArray()).toEqual([1, Number.NaN]);
    expect(operations.argmax(x, 1).toArray()).toEqual([1, 0]);
  });

  it("treat infinities as numbers", () => {
    const x = tensor([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(amax(x).item()).toBe(Number.NEGATIVE_INFINITY);
    expect(logsumexp(x).item()).toBe(Number.NEGATIVE_INFINITY);
  });
});
