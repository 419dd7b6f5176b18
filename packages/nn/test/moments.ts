import type { Tensor } from "@thalweg/tensor";
import { expect } from "vitest";

/** Expects the moments of numbers from a distribution of mean 0 and this variance. */
export function expectMoments(x: Tensor, variance: number): void {
  const deviation = 4 / Math.sqrt(x.size);
  expect(Math.abs(x.mean().item()) / Math.sqrt(variance)).toBeLessThan(deviation);
  expect(Math.abs(x.var().item() / variance - 1)).toBeLessThan(2 * deviation);
}

/** Expects the moments and limits of numbers uniform in ±bound. */
export function expectUniform(x: Tensor, bound: number): void {
  expect(x.abs().max().item()).toBeLessThanOrEqual(Math.fround(bound));
  expect(x.abs().max().item()).toBeGreaterThan(0.95 * bound);
  expectMoments(x, bound ** 2 / 3);
}
