import type { Input } from "./contestant";

/** Numbers of [0, 1) from a seed: mulberry32. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Uniform numbers of [-bound, bound). */
export function uniform(shape: readonly number[], seed: number, bound = 1): Input {
  const next = generator(seed);
  return { shape, values: Float32Array.from({ length: size(shape) }, () => (2 * next() - 1) * bound) };
}

export function column(...values: number[]): Input {
  return { shape: [values.length, 1], values: Float32Array.from(values) };
}

/** A batch, its labels, and weights and biases of linear layers of the given sizes. */
export function network(batch: number, sizes: readonly number[]): Input[] {
  const classes = sizes.at(-1)!;
  const next = generator(2);
  const labels = Float32Array.from({ length: batch }, () => Math.floor(next() * classes));
  const layers = sizes.slice(1).flatMap((out, i) => {
    const bound = 1 / Math.sqrt(sizes[i]!);
    return [uniform([out, sizes[i]!], 10 + i, bound), uniform([out], 20 + i, bound)];
  });
  return [uniform([batch, sizes[0]!], 1), { shape: [batch], values: labels }, ...layers];
}
