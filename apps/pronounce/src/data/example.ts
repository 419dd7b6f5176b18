import { type Generator, randperm, type Sampler, type Tensor, tensor } from "thalweg";
import { padding } from "./vocabulary";

/** Tokens that a model reads, and those that it has to write after them. */
export interface Example {
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
}

/** A batch of examples, filled up to the length of the longest. */
export interface Batch {
  /** [examples, tokens] */
  readonly inputs: Tensor;
  /** The token after each, or {@link ignored}. */
  readonly targets: Tensor;
  /** Number of tokens to write. */
  readonly count: number;
}

/** The target where there is nothing to write: the prompt, and padding. */
const ignored = -100;
/** Lengths are multiples of this, so that there are few shapes. */
const multiple = 4;

/** The number of tokens of an example that a model reads. The last one is only written. */
export const lengthOf = ({ prompt, answer }: Example): number => prompt.length + answer.length - 1;

/** Makes a batch. No example may be longer than the context. */
export function batchOf(examples: readonly Example[], context: number): Batch {
  const longest = Math.max(...examples.map(lengthOf));
  const tokens = Math.min(context, Math.ceil(longest / multiple) * multiple);
  const shape = [examples.length, tokens];
  const inputs = new Int32Array(examples.length * tokens).fill(padding);
  const targets = new Int32Array(inputs.length).fill(ignored);
  let count = 0;
  for (const [row, { prompt, answer }] of examples.entries()) {
    inputs.set([...prompt, ...answer.slice(0, -1)], row * tokens);
    targets.set(answer, row * tokens + prompt.length - 1);
    count += answer.length;
  }
  return { inputs: tensor(inputs, { shape }), targets: tensor(targets, { shape }), count };
}

/** Batches in a part of an epoch within which examples are put together by their length. */
const batchesTogether = 50;

/** Goes through all examples in a new order each epoch. Those of a batch have nearly the same length. */
export class LengthSampler implements Sampler {
  private readonly examples: readonly Example[];
  private readonly batchSize: number;

  constructor(examples: readonly Example[], batchSize: number) {
    this.examples = examples;
    this.batchSize = batchSize;
  }

  get length(): number {
    return this.examples.length;
  }

  indices(generator: Generator): number[] {
    const { examples, batchSize, length } = this;
    const order = [...randperm(length, { generator, dtype: "int32", device: "cpu" }).dataSync()];
    const together = batchSize * batchesTogether;
    const batches: number[][] = [];
    for (let from = 0; from < length; from += together) {
      const part = order.slice(from, from + together);
      part.sort((a, b) => lengthOf(examples[a]!) - lengthOf(examples[b]!));
      for (let k = 0; k < part.length; k += batchSize) batches.push(part.slice(k, k + batchSize));
    }
    // A batch that is not full has to stay the last one.
    const rest = batches.at(-1)!.length < batchSize ? batches.pop()! : [];
    const shuffled = randperm(batches.length, { generator, dtype: "int32", device: "cpu" }).dataSync();
    return [...Array.from(shuffled, (k) => batches[k]!).flat(), ...rest];
  }
}
