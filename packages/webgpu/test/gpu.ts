import { type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect } from "vitest";
import { initWebGPU, type WebGPUSession } from "../src/node";

/** The session of the tests; null without a device, which is an error in CI. */
export const session: WebGPUSession | null = await initWebGPU().catch((error: Error) => {
  const remedy = "the tests of WebGPU need a driver: apt-get install chromium brings one";
  if (process.env.CI) throw new Error(`${remedy} (${error.message})`);
  console.warn(`skipped, ${remedy} (${error.message})`);
  return null;
});

/** A `describe` that is skipped without a device. */
export const describeGPU = describe.skipIf(session === null);

/** Pseudorandom numbers from -1 to 1. */
export function numbers(shape: readonly number[], seed = 1): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  let state = seed * 2654435761;
  const values = Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
  return tensor(values, { shape });
}

/** Compares a computation on the device with the same one in float64 on the CPU. */
export async function expectSame(
  compute: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  tolerance = 1e-5,
): Promise<void> {
  const actual = compute(...inputs.map((x) => x.to("webgpu")));
  const expected = compute(...inputs.map((x) => x.to("float64")));
  expect(actual.device).toBe("webgpu");
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [await actual.data(), expected.dataSync()];
  let scale = 1;
  for (const value of b) if (Math.abs(value) < Infinity) scale = Math.max(scale, Math.abs(value));
  let worst = 0;
  a.forEach((value, i) => {
    if (Object.is(value, b[i]) || value === b[i]) return;
    const error = Math.abs(value - b[i]!) / scale;
    if (!(error <= worst)) worst = error;
  });
  expect(worst).toBeLessThanOrEqual(tolerance);
}
