import { fc, test } from "@fast-check/vitest";
import { arange, Generator, type Tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { DataLoader } from "./data-loader";
import { randomSplit, Subset } from "./random-split";
import { TensorDataset } from "./tensor-dataset";

const dataset = (n: number) => new TensorDataset(arange(n));
type Part = Subset<[Tensor], [Tensor]>;
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

  it("accepts fractions, whose remainder goes to the first subsets", () => {
    const lengths = (n: number, parts: number[]) =>
      randomSplit(dataset(n), parts).map((subset) => subset.length);
    expect(lengths(10, [0.7, 0.2, 0.1])).toEqual([7, 2, 1]);
    expect(lengths(11, [1 / 3, 1 / 3, 1 / 3])).toEqual([4, 4, 3]);
    expect(lengths(5, [1])).toEqual([5]);
    // 0.29 * 100 is a little less than 29.
    expect(lengths(100, [0.29, 0.71])).toEqual([29, 71]);
    expect(lengths(100, [0.71, 0.29])).toEqual([72, 28]);
  });

  it("keeps the parts of a seed across versions", () => {
    const parts = randomSplit(dataset(8), [0.75, 0.25], { generator: new Generator(42) });
    expect(parts.map((part) => part.indices)).toEqual([
      [7, 4, 5, 3, 2, 0],
      [1, 6],
    ]);
  });

  it("makes subsets that load like any dataset", () => {
    const [half] = randomSplit(dataset(6), [3, 3], { generator: new Generator(1) });
    const [batch] = new DataLoader(half, { batchSize: 3 });
    expect(batch![0].toArray()).toEqual(half.indices);
    expect(half.get(2)[0].item()).toBe(half.indices[2]);
    expect(() => half.get(3)).toThrow("Subset: there is no example 3, the subset has 3; use a smaller one");
  });

  it("has a subset for each part, which returns its tensors", async () => {
    const split = randomSplit(dataset(6), [0.5, 0.5], { generator: new Generator(1) });
    expectTypeOf(split).toEqualTypeOf<[Part, Part]>();
    const [train, test] = split;
    const [x] = train.batch();
    expectTypeOf(x).toEqualTypeOf<Tensor>();
    expect([...x.dataSync(), ...test.batch([2, 0])[0].dataSync()]).toEqual([
      ...train.indices,
      test.indices[2],
      test.indices[0],
    ]);
    expect(() => test.batch([3])).toThrow(
      "Subset: there is no example 3, the subset has 3; use a smaller one",
    );
    expectTypeOf(randomSplit<[Tensor]>(dataset(2), [1, 1])[0]!.get(0)).toEqualTypeOf<[Tensor]>();
    const sizes: number[] = [2, 4];
    expectTypeOf(randomSplit(dataset(6), sizes)).toEqualTypeOf<Part[]>();
    const [words] = randomSplit(["a", "b"], [2]);
    expect([...(await words.batch())].sort()).toEqual(["a", "b"]);
  });

  it("refuses invalid datasets and parts, and unknown options", () => {
    const split =
      (...args: unknown[]) =>
      () =>
        randomSplit(...(args as Parameters<typeof randomSplit>));
    expect(split({}, [1])).toThrow("randomSplit: a dataset needs get(index) and a length, got get of type");
    expect(split([1], 1)).toThrow(
      "randomSplit: parts must be an array, each element a number, got 1; call it as",
    );
    expect(split([1], [1], { generatr: 1 })).toThrow(
      'randomSplit: there is no option "generatr"; did you mean',
    );
    expect(() => new Subset([1], [0.5])).toThrow(
      "Subset: indices must be an array, each element a whole number from 0 on, got",
    );
  });

  it.each([[[1, 2]], [[0.5, 0.6]], [[-1, 6]], [[]]])("refuses parts that do not add up: %j", (parts) => {
    expect(() => randomSplit(dataset(5), parts)).toThrow(
      `randomSplit: the parts do not add up, [${parts.join(", ")}] for 5 examples; ` +
        "pass lengths that add up to that number, or fractions that add up to 1",
    );
  });
});
