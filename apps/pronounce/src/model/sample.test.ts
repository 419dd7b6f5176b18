import { fc, test } from "@fast-check/vitest";
import { Generator, manualSeed } from "thalweg";
import { describe, expect, it } from "vitest";
import { GPT } from "./gpt";
import { candidates, sample } from "./sample";

const scores = fc
  .float32Array({ minLength: 1, maxLength: 20, min: -20, max: 20, noNaN: true })
  .map((values) => Float32Array.from(values));
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe("the tokens that can be drawn", () => {
  test.prop([scores, fc.double({ min: 0.1, max: 10, noNaN: true })])(
    "have the probabilities of a softmax, of scores divided by the temperature",
    (values, temperature) => {
      const largest = Math.max(...values);
      const weights = Array.from(values, (value) => Math.exp((value - largest) / temperature));
      for (const { token, probability } of candidates(values, { temperature })) {
        expect(probability).toBeCloseTo(weights[token]! / sum(weights), 10);
      }
    },
  );

  test.prop([scores, fc.integer({ min: 1, max: 25 })])("are the k most probable ones", (values, topK) => {
    const drawn = candidates(values, { topK }).map(({ token }) => values[token]!);
    expect(drawn).toEqual([...values].sort((a, b) => b - a).slice(0, topK));
  });

  test.prop([scores, fc.double({ min: 0.01, max: 1, noNaN: true })])(
    "are as few as have the probability together",
    (values, topP) => {
      const all = candidates(values, {});
      const kept = candidates(values, { topP });
      const shares = all.slice(0, kept.length).map(({ probability }) => probability);
      expect(kept.map(({ token }) => token)).toEqual(all.slice(0, kept.length).map(({ token }) => token));
      expect(sum(shares)).toBeGreaterThan(topP - 1e-9);
      expect(sum(shares.slice(0, -1))).toBeLessThan(topP + 1e-9);
      expect(sum(kept.map(({ probability }) => probability))).toBeCloseTo(1, 10);
    },
  );
});

it("draws the same texts again from a generator with the same seed, and ends at the context", async () => {
  manualSeed(1);
  const model = new GPT({
    ...{ vocabulary: 5, context: 7, layers: 1, width: 8, heads: 2, dropout: 0, checkpoint: false },
    ...{ positions: "rotary", norm: "rms", activation: "swiglu" },
  }).eval();
  const draw = (seed: number) =>
    sample(model, Array(40).fill([2]), { end: 1, generator: new Generator(seed) });
  const [texts, again, other] = [await draw(1), await draw(1), await draw(2)];
  expect(again).toEqual(texts);
  expect(other).not.toEqual(texts);
  expect(texts.flat().includes(1)).toBe(false);
  expect(Math.max(...texts.map(({ length }) => length))).toBe(7);
  expect(new Set(texts.map(({ length }) => length)).size).toBeGreaterThan(3);
});
