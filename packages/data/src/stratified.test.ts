import { fc, test } from "@fast-check/vitest";
import { Generator, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { ConcatDataset, DataLoader, kFold, stratifiedKFold, stratifiedSplit } from "./index";

const labels = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 60 });
const seeds = fc.integer({ min: 0, max: 1000 });
const sorted = (positions: readonly number[]) => [...positions].sort((a, b) => a - b);
const ofClass = (positions: readonly number[], of: readonly number[], c: number) =>
  positions.filter((i) => of[i] === c).length;

describe("a stratified split", () => {
  test.prop([labels, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), seeds])(
    "has every example once, and in each part its share of each class",
    (all, weights, seed) => {
      const total = weights.reduce((a, b) => a + b, 0);
      const parts = weights.map((weight) => weight / total);
      const subsets = stratifiedSplit(all, all, parts, { generator: new Generator(seed) });
      expect(sorted(subsets.flatMap(({ indices }) => indices))).toEqual([...all.keys()]);
      for (const { indices } of subsets) {
        for (const c of [0, 1, 2, 3]) {
          const exact = (ofClass([...all.keys()], all, c) * indices.length) / all.length;
          expect(Math.abs(ofClass(indices, all, c) - exact)).toBeLessThan(2);
        }
      }
    },
  );

  it("is that of its generator, and mixes the classes", () => {
    const all = Array.from({ length: 40 }, (_, i) => (i < 20 ? "a" : "b"));
    const split = (seed: number) =>
      stratifiedSplit(all, all, [30, 10], { generator: new Generator(seed) })[0].indices;
    expect(split(1)).toEqual(split(1));
    expect(split(1)).not.toEqual(split(2));
    const first = split(1).slice(0, 15);
    expect(new Set(first.map((i) => all[i])).size).toBe(2);
  });

  it("takes labels from a tensor, and refuses others", () => {
    const parts = stratifiedSplit([10, 20, 30, 40], tensor([0, 1, 0, 1]), [2, 2]);
    expect(parts.map(({ indices }) => indices.filter((i) => i % 2 === 0).length)).toEqual([1, 1]);
    expect(() => stratifiedSplit([1, 2], [0], [1, 1])).toThrow(
      "stratifiedSplit: there are 1 labels for 2 examples; pass one for each",
    );
    expect(() => stratifiedSplit([1, 2], [0, 1], [1, 2])).toThrow(
      "stratifiedSplit: the parts do not add up, [1, 2] for 2 examples",
    );
  });
});

describe("folds", () => {
  test.prop([labels, fc.integer({ min: 2, max: 5 }), fc.boolean(), seeds])(
    "have every example once for validation, and balanced classes where they are stratified",
    (all, count, shuffle, seed) => {
      const options = { shuffle, generator: new Generator(seed) };
      const most = Math.max(...[0, 1, 2, 3].map((c) => ofClass([...all.keys()], all, c)));
      const stratified = count <= most ? [stratifiedKFold(all, all, count, options)] : [];
      for (const folds of [kFold(all, count, options), ...stratified]) {
        expect(sorted(folds.flatMap(({ validation }) => validation.indices))).toEqual([...all.keys()]);
        for (const { train, validation } of folds) {
          expect(sorted([...train.indices, ...validation.indices])).toEqual([...all.keys()]);
          expect(Math.abs(validation.length - all.length / count)).toBeLessThan(1);
        }
      }
      for (const { validation } of stratified.flat()) {
        for (const c of [0, 1, 2, 3]) {
          const exact = ofClass([...all.keys()], all, c) / count;
          expect(Math.abs(ofClass(validation.indices, all, c) - exact)).toBeLessThan(1);
        }
      }
    },
  );

  it("are refused when there are too many", () => {
    expect(() => kFold([1, 2], 3)).toThrow(
      "kFold: there are 3 folds, and at most 2 examples; make fewer folds",
    );
    expect(() => stratifiedKFold([1, 2, 3], [0, 1, 1], 3)).toThrow(
      "stratifiedKFold: there are 3 folds, and at most 2 examples of a class; make fewer folds",
    );
  });
});

describe("a dataset of several", () => {
  test.prop([fc.array(fc.array(fc.integer(), { maxLength: 5 }), { minLength: 1, maxLength: 5 })])(
    "has their examples in their order",
    (parts) => {
      const all = new ConcatDataset(parts);
      expect(Array.from({ length: all.length }, (_, i) => all.get(i))).toEqual(parts.flat());
    },
  );

  it("is loaded in batches", () => {
    const loader = new DataLoader(new ConcatDataset([[1, 2], [3]]), { batchSize: 2 });
    expect([...loader].map((x) => x.toArray())).toEqual([[1, 2], [3]]);
  });

  it("refuses an example that is not there, and no datasets", () => {
    expect(() => new ConcatDataset([[1], [2]]).get(2)).toThrow(
      "ConcatDataset: there is no example 2, the datasets have 2; use a smaller one",
    );
    expect(() => new ConcatDataset([])).toThrow("ConcatDataset: there are no datasets; pass at least one");
  });
});
