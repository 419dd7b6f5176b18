import { manualSeed, type Tensor, type TensorDataset } from "thalweg";
import { describe, expect, it } from "vitest";
import { readImages } from "./digits";
import { divide } from "./images";

describe("the digits", () => {
  it("are 8,000 and 2,000 images, standardised, all of them real", () => {
    manualSeed(0);
    const { train, test } = divide(readImages());
    expect([train.length, test.length]).toEqual([8000, 2000]);
    expect(new Set([...train.indices, ...test.indices]).size).toBe(10000);
    const [images, digits] = (train.dataset as TensorDataset<[Tensor, Tensor]>).tensors;
    expect([images.shape, digits.shape]).toEqual([[10000, 1, 28, 28], [10000]]);
    expect(images.mean().item()).toBeCloseTo(0, 1);
    expect(images.std().item()).toBeCloseTo(1, 1);
    expect(digits.oneHot(10).sum(0).toArray()).toEqual([
      1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978,
    ]);
  });

  it("are divided by the seed, however many are used", () => {
    const images = readImages();
    const split = (seed: number, count?: number) => {
      manualSeed(seed);
      return divide(images, count);
    };
    const [whole, part, other] = [split(1), split(1, 100), split(2)];
    expect(part.train.indices).toEqual(whole.train.indices.slice(0, 100));
    expect(part.test.indices).toEqual(whole.test.indices);
    expect(other.test.indices).not.toEqual(whole.test.indices);
  });
});
