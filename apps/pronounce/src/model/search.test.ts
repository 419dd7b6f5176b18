import { logSoftmax, manualSeed, noGrad, tensor } from "thalweg";
import { describe, expect, it } from "vitest";
import type { GPTConfig } from "./config";
import { GPT } from "./gpt";
import { search } from "./search";

const config: GPTConfig = {
  vocabulary: 4,
  context: 6,
  layers: 1,
  width: 8,
  heads: 2,
  dropout: 0,
  positions: "learned",
  norm: "layer",
  activation: "gelu",
  checkpoint: false,
};
const end = 1;

/** A model that is sure of little, and another one with each seed. */
function modelOf(seed: number): GPT {
  manualSeed(seed);
  const model = new GPT(config).eval();
  noGrad(() => {
    for (const parameter of model.parameters()) if (parameter.ndim > 1) parameter.mul_(20);
  });
  return model;
}

/** The logarithm of the probability of a text after a prompt, read at once. */
function probability(model: GPT, prompt: readonly number[], text: readonly number[]): number {
  const all = [...prompt, ...text];
  const scores = noGrad(() => logSoftmax(model.forward(tensor([all.slice(0, -1)], { dtype: "int32" })), -1));
  const rows = scores.select(0, 0).toArray() as number[][];
  return text.reduce((sum, token, i) => sum + rows[prompt.length - 1 + i]![token]!, 0);
}

/** All texts that end, up to a length. */
function* texts(length: number): Generator<number[]> {
  yield [end];
  if (length === 1) return;
  for (const first of [0, 2, 3]) for (const rest of texts(length - 1)) yield [first, ...rest];
}

const prompts = [
  [2, 0],
  [3, 3],
  [0, 2],
];

describe.each([1, 2, 3, 4, 5])("search with model %i", (seed) => {
  const model = modelOf(seed);

  it("finds the most probable of all texts if it keeps all beginnings", async () => {
    const found = await search(model, prompts, { end, beams: 400 });
    for (const [i, { tokens, logProbability }] of found.entries()) {
      const all = [...texts(5)].map((text) => ({ text, value: probability(model, prompts[i]!, text) }));
      const best = all.reduce((a, b) => (b.value > a.value ? b : a));
      expect([...tokens, end]).toEqual(best.text);
      expect(logProbability).toBeCloseTo(best.value, 4);
    }
  });

  it("takes the most probable token each time if it keeps one", async () => {
    const found = await search(model, prompts, { end });
    for (const [i, { tokens }] of found.entries()) {
      const text: number[] = [];
      while (prompts[i]!.length + text.length <= config.context && text.at(-1) !== end) {
        const read = tensor([[...prompts[i]!, ...text]], { dtype: "int32" });
        text.push(
          noGrad(() => model.forward(read))
            .select(1, -1)
            .argmax(-1)
            .item(),
        );
      }
      expect(tokens).toEqual(text.filter((token) => token !== end));
    }
  });

  it("finds the same for each prompt alone", async () => {
    const together = await search(model, prompts, { end, beams: 3 });
    for (const [i, prompt] of prompts.entries()) {
      const [alone] = await search(model, [prompt], { end, beams: 3 });
      expect(alone!.tokens).toEqual(together[i]!.tokens);
    }
  });
});
