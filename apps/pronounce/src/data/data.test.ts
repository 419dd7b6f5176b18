import { fc, test } from "@fast-check/vitest";
import { Generator, manualSeed } from "thalweg";
import { describe, expect, it } from "vitest";
import { defaults } from "../settings";
import { examplesOf, readDictionary, vocabulary } from "./dictionary";
import { batchOf, type Example, LengthSampler, lengthOf } from "./example";
import { materialOf } from "./material";
import { readNames } from "./names";

describe("the dictionary", () => {
  const words = readDictionary();
  const find = (spelling: string) => words.find((word) => word.spelling === spelling)!;

  it("has words once, with all of their sounds", () => {
    expect(words.length).toBeGreaterThan(124_000);
    expect(new Set(words.map(({ spelling }) => spelling)).size).toBe(words.length);
    expect(find("read").sounds).toEqual([
      ["R", "EH", "D"],
      ["R", "IY", "D"],
    ]);
    expect(find("o'clock").sounds).toEqual([["AH", "K", "L", "AA", "K"]]);
  });

  it("has each sound once, though stress told them apart", () => {
    for (const { sounds } of words) {
      expect(new Set(sounds.map((sound) => sound.join(" "))).size).toBe(sounds.length);
    }
  });

  it("is read as examples, with a token for everything", () => {
    const [first, second] = examplesOf([find("read")]);
    expect(vocabulary.decode(first!.prompt)).toEqual([..."read", "="]);
    expect(vocabulary.decode(first!.answer)).toEqual(["R", "EH", "D", "■"]);
    expect(second!.prompt).toEqual(first!.prompt);
    for (const { prompt, answer } of examplesOf(words)) {
      expect([...prompt, ...answer].every((token) => token > 0 && token < vocabulary.size)).toBe(true);
    }
  });
});

describe("the words to train and to test with", () => {
  const split = (seed: number, words = 0) => {
    manualSeed(seed);
    return materialOf({ ...defaults, words }, 48);
  };
  const all = split(1);

  it("are divided, and no word is in two parts", () => {
    const { validation, test: tested } = all.words;
    expect([validation.length, tested.length]).toEqual([tested.length, Math.round(0.05 * 124_896)]);
    const held = new Set([...validation, ...tested].map(({ spelling }) => spelling));
    expect(held.size).toBe(validation.length + tested.length);
    for (const { prompt } of all.train) {
      expect(held.has(vocabulary.decode(prompt.slice(0, -1)).join(""))).toBe(false);
    }
  });

  it("are the same with the same seed", () => {
    expect(split(1).words).toEqual(all.words);
    expect(split(2).words.test[0]).not.toEqual(all.words.test[0]);
    const few = split(1, 200);
    expect([few.words.validation.length, few.words.test.length]).toEqual([10, 10]);
    expect(few.train.length).toBeGreaterThanOrEqual(180);
  });

  it("are names where those are learned", () => {
    manualSeed(0);
    const { train, validation, names } = materialOf({ ...defaults, task: "names" }, 48);
    expect(names).toEqual(new Set(readNames()));
    expect(train.length).toBeGreaterThan(17 * validation.length);
  });
});

const token = fc.integer({ min: 3, max: 9 });
const example = fc.record({
  prompt: fc.array(token, { minLength: 1, maxLength: 6 }),
  answer: fc.array(token, { minLength: 1, maxLength: 6 }),
});

describe("a batch", () => {
  test.prop([fc.array(example, { minLength: 1, maxLength: 5 })])(
    "has what a model has to write after what it reads, and padding after that",
    (examples: Example[]) => {
      const { inputs, targets, count } = batchOf(examples, 11);
      const [read, write] = [inputs.toArray(), targets.toArray()] as [number[][], number[][]];
      let written = 0;
      for (const [row, { prompt, answer }] of examples.entries()) {
        const all = [...prompt, ...answer];
        expect(read[row]!.slice(0, all.length - 1)).toEqual(all.slice(0, -1));
        expect(new Set(read[row]!.slice(all.length - 1)).size).toBeLessThan(2);
        for (const [i, target] of write[row]!.entries()) {
          const isAnswer = i >= prompt.length - 1 && i < all.length - 1;
          expect(target).toBe(isAnswer ? all[i + 1] : -100);
        }
        written += answer.length;
      }
      expect(count).toBe(written);
      expect(inputs.shape[1]! <= 11).toBe(true);
    },
  );

  test.prop([fc.array(example, { minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 5 }), fc.nat()])(
    "is one of those that have all examples once",
    (examples: Example[], batchSize, seed) => {
      const sampler = new LengthSampler(examples, batchSize);
      const indices = sampler.indices(new Generator(seed));
      expect([...indices].sort((a, b) => a - b)).toEqual([...examples.keys()]);
      expect(sampler.indices(new Generator(seed))).toEqual(indices);
    },
  );

  it("has examples of nearly the same length", () => {
    const examples = Array.from({ length: 4000 }, (_, i) => ({
      prompt: Array<number>(1 + (i % 7)).fill(3),
      answer: Array<number>(1 + (i % 11)).fill(4),
    }));
    const indices = new LengthSampler(examples, 20).indices(new Generator(1));
    let wasted = 0;
    for (let k = 0; k < indices.length; k += 20) {
      const lengths = indices.slice(k, k + 20).map((i) => lengthOf(examples[i]!));
      wasted += lengths.reduce((sum, length) => sum + Math.max(...lengths) - length, 0);
    }
    expect(wasted / examples.length).toBeLessThan(0.2);
    const starts = indices.filter((_, k) => k % 20 === 0).map((i) => lengthOf(examples[i]!));
    expect(starts).not.toEqual([...starts].sort((a, b) => a - b));
  });
});
