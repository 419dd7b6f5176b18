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

/** A batch of sequences, their labels, and the parameters of an LSTM and of a linear layer on its last state. */
export function sequences(batch: number, time: number, features: number, width: number): Input[] {
  const classes = 10;
  const [byInput, inputBias] = layer([4 * width, features], 0) as [Input, Input];
  const [byState, stateBias] = layer([4 * width, width], 1) as [Input, Input];
  return [
    uniform([batch, time, features], 1),
    labelsOf(batch, classes),
    ...[byInput, byState, inputBias, stateBias],
    ...layer([classes, width], 2),
  ];
}

/**
 * A batch of sequences, a label of each position, and the parameters of an encoder layer of a transformer and of a linear
 * layer.
 */
export function encoder(batch: number, positions: number, width: number, feedforward: number): Input[] {
  const classes = 10;
  const shapes = [
    [3 * width, width],
    [width, width],
    [feedforward, width],
    [width, feedforward],
    [width],
    [width],
  ];
  return [
    uniform([batch, positions, width], 1),
    labelsOf(batch * positions, classes),
    ...[...shapes, [classes, width]].flatMap((shape, i) => layer(shape, i)),
  ];
}

/** Tokens, those after them, and the parameters of a GPT, in the order of its state dict. */
export function language(
  vocabulary: number,
  batch: number,
  positions: number,
  layers: number,
  width: number,
): Input[] {
  const tokens = Array.from(labelsOf(batch * (positions + 1), vocabulary).values);
  const at = (first: number): Input => ({
    shape: [batch, positions],
    values: Float32Array.from({ length: batch * positions }, (_, i) => {
      return tokens[Math.floor(i / positions) * (positions + 1) + (i % positions) + first]!;
    }),
  });
  const norm = (): Input[] => [
    { shape: [width], values: new Float32Array(width).fill(1) },
    { shape: [width], values: new Float32Array(width) },
  ];
  const block = (i: number) => [
    ...norm(),
    ...layer([3 * width, width], 4 * i),
    ...layer([width, width], 4 * i + 1),
    ...norm(),
    ...layer([4 * width, width], 4 * i + 2),
    ...layer([width, 4 * width], 4 * i + 3),
  ];
  return [
    ...[at(0), at(1)],
    ...[uniform([vocabulary, width], 3, 0.05), uniform([positions, width], 4, 0.05)],
    ...Array.from({ length: layers }, (_, i) => block(i)).flat(),
    ...norm(),
  ];
}

/** A batch, its labels, and weights and biases of linear layers of the given sizes. */
export function network(batch: number, sizes: readonly number[]): Input[] {
  const classes = sizes.at(-1)!;
  const layers = sizes.slice(1).flatMap((out, i) => layer([out, sizes[i]!], i));
  return [uniform([batch, sizes[0]!], 1), labelsOf(batch, classes), ...layers];
}
