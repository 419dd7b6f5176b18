import type { Input } from "./contestant";

/** Numbers in [0, 1) from a seed: mulberry32. */
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

/** Uniform numbers in [-bound, bound). */
export function uniform(shape: readonly number[], seed: number, bound = 1): Input {
  const next = generator(seed);
  return { shape, values: Float32Array.from({ length: size(shape) }, () => (2 * next() - 1) * bound) };
}

export function column(...values: number[]): Input {
  return { shape: [values.length, 1], values: Float32Array.from(values) };
}

function labelsOf(batch: number, classes: number): Input {
  const next = generator(2);
  const values = Float32Array.from({ length: batch }, () => Math.floor(next() * classes));
  return { shape: [batch], values };
}

/** A weight [out, ...of one output] and a bias. */
function layer(shape: readonly number[], seed: number): Input[] {
  const bound = 1 / Math.sqrt(size(shape.slice(1)));
  return [uniform(shape, 10 + seed, bound), uniform([shape[0]!], 20 + seed, bound)];
}

/** A batch of square images, its labels, and the weights and biases of a small convolutional network. */
export function images(batch: number, side: number, channels: readonly [number, number, number]): Input[] {
  const [depth, first, second] = channels;
  const classes = 10;
  return [
    uniform([batch, depth, side, side], 1),
    labelsOf(batch, classes),
    ...layer([first, depth, 3, 3], 0),
    ...layer([second, first, 3, 3], 1),
    ...layer([classes, second * (side / 4) ** 2], 2),
  ];
}

/** A batch, its labels, and weights and biases of linear layers of the given sizes. */
export function network(batch: number, sizes: readonly number[]): Input[] {
  const classes = sizes.at(-1)!;
  const layers = sizes.slice(1).flatMap((out, i) => layer([out, sizes[i]!], i));
  return [uniform([batch, sizes[0]!], 1), labelsOf(batch, classes), ...layers];
}
