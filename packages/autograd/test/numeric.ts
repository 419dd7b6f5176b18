import { Generator, randn, type Tensor, tensor } from "@thalweg/tensor";
import { expect } from "vitest";

const eps = 1e-5;

/** Central differences of a function with a scalar result, in float64. */
export function numericGradient(f: (x: Tensor) => Tensor, x: Tensor): Float64Array {
  const data = Float64Array.from(x.dataSync());
  const at = (i: number, step: number) => {
    const moved = data.with(i, data[i]! + step);
    return f(tensor(moved, { shape: x.shape, dtype: "float64" })).item();
  };
  return data.map((_, i) => (at(i, eps) - at(i, -eps)) / (2 * eps));
}

/** Normally distributed numbers in float64. */
export function random(shape: readonly number[], seed: number): Tensor {
  return randn([...shape], { dtype: "float64", generator: new Generator(seed) });
}

/** The same as a leaf that requires grad. */
export function randomLeaf(shape: readonly number[], seed: number): Tensor {
  return randn([...shape], { dtype: "float64", generator: new Generator(seed), requiresGrad: true });
}

/** Fails unless all numbers agree to a relative and absolute `tolerance`. */
export function expectClose(actual: Tensor, expected: ArrayLike<number>, tolerance = 1e-6): void {
  const data = actual.dataSync();
  expect(data.length).toBe(expected.length);
  data.forEach((value, i) => {
    const bound = tolerance * (1 + Math.abs(expected[i]!));
    expect(Math.abs(value - expected[i]!), `element ${i}: ${value} and ${expected[i]}`).toBeLessThanOrEqual(
      bound,
    );
  });
}
