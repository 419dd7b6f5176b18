import { isDeepStrictEqual } from "node:util";
import { manualSeed, noGrad, ready, tensor } from "thalweg";
import { promptOf, vocabulary } from "../../src/data/dictionary";
import { GPT } from "../../src/model/gpt";
import { presetNames, presets } from "../../src/settings";

/** Times how fast a model of each size writes, with the cache of keys and values and without; both have to write the same. */

const runs = 9;

/** Writes after prompts until the context is full, greedily; returns all tokens. */
function write(model: GPT, prompts: readonly number[][], isCached: boolean): number[][] {
  const texts = prompts.map((prompt) => [...prompt]);
  const cache = isCached ? model.cache(texts.length) : null;
  for (let read = 0; texts[0]!.length < model.config.context; ) {
    const inputs = cache === null ? texts : texts.map((text) => text.slice(read));
    read = texts[0]!.length;
    const next = noGrad(() =>
      model
        .forward(tensor(inputs, { dtype: "int32" }), cache)
        .select(1, -1)
        .argmax(-1),
    );
    for (const [row, token] of next.dataSync().entries()) texts[row]!.push(token);
  }
  return texts;
}

const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[times.length >> 1]!;

await ready();
for (const name of presetNames) {
  const { layers, width, heads, context } = presets[name];
  const parts = { positions: "learned", norm: "layer", activation: "gelu" } as const;
  manualSeed(0);
  const sizes = { vocabulary: vocabulary.size, layers, width, heads, context };
  const model = new GPT({ ...sizes, ...parts, dropout: 0, checkpoint: false });
  model.eval();
  for (const batch of [1, 64]) {
    const prompts = Array.from({ length: batch }, () => promptOf("thalweg"));
    const [cached, whole] = [[], []] as [number[], number[]];
    for (let run = 0; run <= runs; run++) {
      const texts = [true, false].map((isCached) => {
        const start = performance.now();
        const written = write(model, prompts, isCached);
        // The first run compiles.
        if (run > 0) (isCached ? cached : whole).push((performance.now() - start) / 1000);
        return written;
      });
      if (!isDeepStrictEqual(texts[0], texts[1]))
        throw new Error(`${name}: the cache changes what is written`);
    }
    const tokens = batch * (context - prompts[0]!.length);
    const speed = (times: readonly number[]) => Math.round(tokens / median(times)).toLocaleString("en");
    console.log(
      `${name}, ${batch} at a time: ${speed(cached)} tokens/s with the cache, ${speed(whole)} without, ${(median(whole) / median(cached)).toFixed(1)}x`,
    );
  }
}
