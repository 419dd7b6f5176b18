import { type Generator, noGrad, rand, tensor } from "thalweg";
import type { GPT } from "./gpt";

/** How a {@link sample} is drawn. */
export interface SampleOptions {
  /** The token that ends what is written. */
  readonly end: number;
  /** Divides the scores: below 1, probable tokens become more probable; 1 unless given. */
  readonly temperature?: number | undefined;
  /** Number of the most probable tokens that are drawn from; all unless given. */
  readonly topK?: number | undefined;
  /** Draws from the fewest most probable tokens that have this probability together (Holtzman et al., 2020); 1 unless given. */
  readonly topP?: number | undefined;
  /** The source of random numbers; the default generator unless given. */
  readonly generator?: Generator;
}

/**
 * Texts that a model draws token by token, after prompts of one length. A text that does not end within the context is
 * returned as far as it got.
 */
export async function sample(
  model: GPT,
  prompts: readonly (readonly number[])[],
  { end, generator, ...shaping }: SampleOptions,
): Promise<number[][]> {
  const texts: number[][] = prompts.map(() => []);
  const cache = model.cache(prompts.length);
  const { device } = model;
  const isOpen = prompts.map(() => true);
  let inputs = prompts;
  while (isOpen.includes(true) && cache.length < model.config.context) {
    const tokens = tensor(inputs as number[][], { dtype: "int32", device });
    const scores = noGrad(() => model.forward(tokens, cache).select(1, -1));
    const [data, draws] = [
      (await scores.data()) as Float32Array,
      rand([texts.length], generator && { generator }).dataSync(),
    ];
    const size = scores.shape[1]!;
    inputs = texts.map((text, row) => {
      const token = drawn(data.subarray(row * size, (row + 1) * size), draws[row]!, shaping);
      if (token === end) isOpen[row] = false;
      if (isOpen[row]) text.push(token);
      return [token];
    });
  }
  return texts;
}

type Shaping = Omit<SampleOptions, "end" | "generator">;

/**
 * The tokens that can be drawn, the most probable one first, with their probabilities.
 *
 * @param scores of all tokens
 */
export function candidates(
  scores: Float32Array,
  { temperature = 1, topK = scores.length, topP = 1 }: Shaping,
): { readonly token: number; readonly probability: number }[] {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, topK);
  const weights = order.map((token) => Math.exp((scores[token]! - scores[order[0]!]!) / temperature));
  const all = weights.reduce((a, b) => a + b);
  let [kept, sum] = [0, 0];
  // The last of all tokens are lost in the rounding of the sum.
  while (kept < order.length && (topP === 1 || sum < topP * all)) sum += weights[kept++]!;
  return order.slice(0, kept).map((token, i) => ({ token, probability: weights[i]! / sum }));
}

/** A token, by a number from 0 to 1. */
function drawn(scores: Float32Array, draw: number, shaping: Shaping): number {
  const tokens = candidates(scores, shaping);
  let left = draw;
  for (const { token, probability } of tokens) {
    left -= probability;
    if (left < 0) return token;
  }
  return tokens.at(-1)!.token;
}
