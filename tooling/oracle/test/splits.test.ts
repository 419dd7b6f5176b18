import { kFold, manualSeed, stratifiedKFold, stratifiedSplit } from "thalweg";
import { describe, expect, it } from "vitest";
import { load } from "./fixture";

interface Case {
  readonly name: string;
  readonly split: "kFold" | "stratifiedKFold" | "stratifiedSplit";
  readonly labels: readonly number[];
  /** The number of folds. */
  readonly folds?: number;
  /** The sizes of the parts. */
  readonly sizes?: readonly number[];
  /** The positions in each fold, or the examples of each class in each part. */
  readonly expected: readonly (readonly number[])[];
}

const { cases } = load<{ cases: readonly Case[] }>("splits");
const named = cases.map((one) => [one.name, one] as const);

describe("folds have the positions of scikit-learn's", () => {
  it.each(named.filter(([, { folds }]) => folds !== undefined))(
    "%s",
    (_, { split, labels, folds, expected }) => {
      const made = split === "kFold" ? kFold(labels, folds!) : stratifiedKFold(labels, labels, folds!);
      expect(made.map(({ validation }) => validation.indices)).toEqual(expected);
    },
  );
});

describe("parts have as many of each class as scikit-learn's, up to one where it draws the rounding", () => {
  it.each(named.filter(([, { sizes }]) => sizes !== undefined))("%s", (_, { labels, sizes, expected }) => {
    manualSeed(0);
    const parts = stratifiedSplit(labels, labels, sizes!);
    parts.forEach((part, k) => {
      expect(part.length).toBe(sizes![k]);
      const counts = expected[k]!.map((_, c) => part.indices.filter((i) => labels[i] === c).length);
      counts.forEach((count, c) => {
        expect(Math.abs(count - expected[k]![c]!)).toBeLessThanOrEqual(1);
      });
    });
  });
});
