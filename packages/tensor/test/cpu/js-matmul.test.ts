import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../../src/create";
import { matmul, transpose } from "../../src/ops";
import { Generator, rand } from "../../src/random";
import type { Tensor } from "../../src/tensor";
import "../../src/index";

const f = Math.fround;

/** Sums are stored after this many terms. The bits of a product depend on it. */
const depth = 256;

/** The definition of a product: terms in order, rounded at every step, in blocks of `depth`. */
function defined(a: Tensor, b: Tensor): Float32Array {
  const [m, k] = a.shape as [number, number];
  const n = b.shape[1]!;
  const [left, right] = [a.dataSync(), b.dataSync()];
  const out = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let total = 0;
      for (let from = 0; from < k; from += depth) {
        let sum = 0;
        for (let p = from; p < Math.min(k, from + depth); p++) {
          sum = f(sum + f(left[i * k + p]! * right[p * n + j]!));
        }
        total = f(total + sum);
      }
      out[i * n + j] = total;
    }
  }
  return out;
}

type Store = (x: Tensor) => Tensor;

/** Layouts of a matrix in memory. */
const stores: Record<string, Store> = {
  dense: (x) => x,
  transposed: (x) => transpose(transpose(x, 0, 1).contiguous(), 0, 1),
  "backwards by rows": (x) => x.flip([0]).contiguous().flip([0]),
  "backwards by columns": (x) => x.flip([1]).contiguous().flip([1]),
  "with gaps": (x) => x.unsqueeze(2).pad([0, 1], { value: Number.NaN }).select(2, 0),
  "inside of a larger matrix": (x) => x.pad([2, 3, 1, 2], { value: 9 }).slice([1, -2], [2, -3]),
};

const store = fc.constantFrom(...Object.keys(stores));

function random(shape: readonly number[], seed: number): Tensor {
  return rand([...shape], { generator: new Generator(seed) })
    .mul(4)
    .sub(2);
}

/** Extents on both sides of every tile size up to 8, and some larger ones. */
const extent = fc.oneof(fc.integer({ min: 1, max: 18 }), fc.constantFrom(31, 32, 33, 40));

/** Depths on both sides of one and of two blocks. */
const inner = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.constantFrom(depth - 1, depth, depth + 1, depth + 5, 2 * depth, 2 * depth + 1),
);

describe("a matrix product in float32", () => {
  test.prop([extent, inner, extent, store, store, fc.nat()], { numRuns: 150 })(
    "has the bits of its definition for all sizes and strides",
    (m, k, n, storeA, storeB, seed) => {
      const [a, b] = [random([m, k], seed), random([k, n], seed + 1)];
      const product = matmul(stores[storeA]!(a), stores[storeB]!(b));
      expect(product.shape).toEqual([m, n]);
      expect(product.dataSync()).toEqual(defined(a, b));
    },
  );

  test.prop([fc.integer({ min: 5, max: 40 }), inner, fc.integer({ min: 5, max: 40 }), fc.nat()], {
    numRuns: 40,
  })("has the bits of the products of its parts", (m, k, n, seed) => {
    const [a, b] = [random([m, k], seed), random([k, n], seed + 1)];
    const whole = matmul(a, b);
    const row = matmul(a.narrow(0, m - 2, 1), b);
    expect(row.dataSync()).toEqual(whole.narrow(0, m - 2, 1).dataSync());
    const column = matmul(a, b.narrow(1, n - 3, 1));
    expect(column.dataSync()).toEqual(whole.narrow(1, n - 3, 1).dataSync());
  });

  test.prop([extent, inner, extent, fc.nat()], { numRuns: 60 })(
    "differs from float64 by at most the rounding errors of its steps",
    (m, k, n, seed) => {
      const [a, b] = [random([m, k], seed), random([k, n], seed + 1)];
      const exact = matmul(a.to("float64"), b.to("float64")).dataSync();
      const sizes = matmul(a.to("float64").abs(), b.to("float64").abs()).dataSync();
      // Higham's bound: one rounding for each product, and at most depth + k/depth for each sum.
      const steps = Math.min(k, depth) + Math.ceil(k / depth) + 1;
      const bound = (steps * 2 ** -24) / (1 - steps * 2 ** -24);
      matmul(a, b)
        .dataSync()
        .forEach((value, i) => {
          expect(Math.abs(value - exact[i]!)).toBeLessThanOrEqual(bound * sizes[i]!);
        });
    },
  );

  test.prop(
    [fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }), fc.nat(), fc.boolean(), fc.boolean()],
    {
      numRuns: 60,
    },
  )("multiplies batches one by one, and broadcasts them", (batch, seed, narrowA, narrowB) => {
    const lead = (narrow: boolean) => (narrow ? batch.map(() => 1) : batch);
    const [a, b] = [random([...lead(narrowA), 5, 7], seed), random([...lead(narrowB), 7, 3], seed + 1)];
    const product = matmul(a, b);
    const shape = narrowA && narrowB ? batch.map(() => 1) : batch;
    expect(product.shape).toEqual([...shape, 5, 3]);
    const count = shape.reduce((size, extent) => size * extent, 1);
    const flat = (x: Tensor) =>
      x.expand([...shape, ...x.shape.slice(-2)]).reshape([count, ...x.shape.slice(-2)]);
    const [flatA, flatB, flatC] = [flat(a), flat(b), flat(product)];
    for (let i = 0; i < count; i++) {
      expect(flatC.select(0, i).dataSync()).toEqual(defined(flatA.select(0, i), flatB.select(0, i)));
    }
  });

  it("reads an expanded operand", () => {
    const row = tensor([[1, 2, 3]]).expand([4, 3]);
    expect(matmul(row, transpose(row, 0, 1)).toArray()).toEqual(Array(4).fill(Array(4).fill(14)));
  });

  it("without terms is zero, and without rows is empty", () => {
    expect(matmul(zeros([2, 0]), zeros([0, 3])).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(matmul(zeros([0, 4]), zeros([4, 3])).shape).toEqual([0, 3]);
    expect(matmul(zeros([3, 0, 4]), zeros([4, 2])).shape).toEqual([3, 0, 2]);
    expect(matmul(zeros([0, 2, 2]), zeros([0, 2, 2])).shape).toEqual([0, 2, 2]);
  });

  it("propagates NaN and infinities only within their row", () => {
    const large = (value: number) => {
      const x = random([20, 300], 1);
      x.select(0, 3).select(0, 4).fill_(value);
      return x;
    };
    const b = random([300, 20], 2).abs();
    const clean = matmul(large(1), b);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const product = matmul(large(value), b);
      expect([...product.select(0, 3).dataSync()]).toEqual(Array(20).fill(value));
      expect(product.narrow(0, 4, 16).dataSync()).toEqual(clean.narrow(0, 4, 16).dataSync());
      expect(product.narrow(0, 0, 3).dataSync()).toEqual(clean.narrow(0, 0, 3).dataSync());
    }
  });
});
