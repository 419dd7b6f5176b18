import { fc, test } from "@fast-check/vitest";
import { arange, Generator } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { DataLoader } from "./data-loader";
import { randomSplit } from "./random-split";
import { TensorDataset } from "./tensor-dataset";

const dataset = (n: number) => new TensorDataset(arange(n));
const sizes = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 4 });

describe("randomSplit", () => {
  test.prop([sizes, fc.nat()])("divides the examples without leaving one out", (parts, seed) => {
    const n = parts.reduce((a, b) => a + b, 0);
    const subsets = randomSplit(dataset(n), parts, { generator: new Generator(seed) });
    expect(subsets.map((subset) => subset.length)).toEqual(parts);
    const all = subsets.flatMap((subset) => [...subset.indices]).sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: n }, (_, i) => i));
    const again = randomSplit(dataset(n), parts, { generator: new Generator(seed) });
    expect(again.map((subset) => subset.indices)).toEqual(subsets.map((subset) => subset.indices));
  });

  it("takes fractions, whose remainder goes to the first subsets", () => {
    const lengths = (n: number, parts: number[]) =>
      randomSplit(dataset(n), parts).map((subset) => subset.length);
    expect(lengths(10, [0.7, 0.2, 0.1])).toEqual([7, 2, 1]);
    expect(lengths(11, [1 / 3, 1 / 3, 1 / 3])).toEqual([4, 4, 3]);
    expect(lengths(5, [1])).toEqual([5]);
    // 0.29 * 100 is a little less than 29.
    expect(lengths(100, [0.29, 0.71])).toEqual([29, 71]);
    expect(lengths(100, [0.71, 0.29])).toEqual([72, 28]);
  });

  it("gives the parts that this seed has always given", () => {
    const parts = randomSplit(dataset(8), [0.75, 0.25], { generator: new Generator(42) });
    expect(parts.map((part) => part.indices)).toEqual([
      [7, 4, 5, 3, 2, 0],
      [1, 6],
    ]);
  });

  it("makes subsets that load like any dataset", () => {
    const [half] = randomSplit(dataset(6), [3, 3], { generator: new Generator(1) });
    const [batch] = new DataLoader(half!, { batchSize: 3 });
    expect(batch![0].toArray()).toEqual(half!.indices);
    expect(half!.get(2)[0].item()).toBe(half!.indices[2]);
    expect(() => half!.get(3)).toThrow("Subset: there is no example 3, the subset has 3; use a smaller one");
  });

  it.each([[[1, 2]], [[0.5, 0.6]], [[-1, 6]], [[]]])("refuses parts that do not add up: %j", (parts) => {
    expect(() => randomSplit(dataset(5), parts)).toThrow(
      `randomSplit: the parts do not add up, [${parts.join(", ")}] for 5 examples; ` +
        "pass lengths that add up to that number, or fractions that add up to 1",
    );
  });
});
