import { logSoftmax, noGrad, type Tensor, tensor } from "thalweg";
import type { KeyValueCache } from "./cache";
import type { GPT } from "./gpt";

/** What a model wrote, without the end, and the logarithm of its probability. */
export interface Written {
  readonly tokens: readonly number[];
  readonly logProbability: number;
}

/** How a {@link search} goes. */
export interface SearchOptions {
  /** The token that ends what is written. */
  readonly end: number;
  /** The number of beginnings that are kept at a time; 1, which is greedy, unless given. */
  readonly beams?: number;
}

/** A beginning that is being continued, with the row of the batch in which it is. */
interface Beam extends Written {
  readonly row: number;
}

const byProbability = (a: Written, b: Written) => b.logProbability - a.logProbability;

/**
 * The most probable text after each prompt, as far as beam search finds it. All prompts have the same length. A text that
 * does not end within the context is returned as far as it got.
 */
export async function search(
  model: GPT,
  prompts: readonly (readonly number[])[],
  { end, beams = 1 }: SearchOptions,
): Promise<Written[]> {
  const cache = model.cache(prompts.length);
  const ended: (Written | undefined)[] = prompts.map(() => undefined);
  let open: Beam[][] = prompts.map((_, row) => [{ tokens: [], logProbability: 0, row }]);
  let inputs = prompts;
  for (;;) {
    const scores = await scoresAfter(model, inputs, cache);
    open = open.map((texts, k) => {
      const best = texts
        .flatMap((text) => continuations(text, scores[text.row]!, beams))
        .sort(byProbability)
        .slice(0, beams);
      for (const text of best) {
        if (text.tokens.at(-1) !== end || text.logProbability <= probability(ended[k])) continue;
        ended[k] = { ...text, tokens: text.tokens.slice(0, -1) };
      }
      // A text becomes only less probable.
      return best.filter(
        ({ tokens, logProbability }) => tokens.at(-1) !== end && logProbability > probability(ended[k]),
      );
    });
    const texts = open.flat();
    if (texts.length === 0 || cache.length >= model.config.context) break;
    const rows = tensor(
      texts.map(({ row }) => row),
      { dtype: "int32", device: model.device },
    );
    noGrad(() => cache.select(rows));
    inputs = texts.map(({ tokens }) => [tokens.at(-1)!]);
    let row = 0;
    open = open.map((group) => group.map((text) => ({ ...text, row: row++ })));
  }
  return open.map((texts, k) => ended[k] ?? texts[0]!);
}

const probability = (text: Written | undefined) => text?.logProbability ?? Number.NEGATIVE_INFINITY;

/** The most probable continuations of a text by one token. */
function continuations({ tokens, logProbability, row }: Beam, scores: Float32Array, count: number): Beam[] {
  return Array.from(scores.keys())
    .sort((a, b) => scores[b]! - scores[a]!)
    .slice(0, count)
    .map((token) => ({ tokens: [...tokens, token], logProbability: logProbability + scores[token]!, row }));
}

/** The logarithms of the probabilities of each next token, for each row. */
async function scoresAfter(
  model: GPT,
  inputs: readonly (readonly number[])[],
  cache: KeyValueCache,
): Promise<Float32Array[]> {
  const scores: Tensor = noGrad(() => {
    const tokens = tensor(inputs as number[][], { dtype: "int32", device: model.device });
    return logSoftmax(model.forward(tokens, cache).select(1, -1), -1);
  });
  const [rows, size] = scores.shape as [number, number];
  const data = (await scores.data()) as Float32Array;
  return Array.from({ length: rows }, (_, row) => data.subarray(row * size, (row + 1) * size));
}
