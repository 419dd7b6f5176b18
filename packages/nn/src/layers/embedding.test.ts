import { IndexError, manualSeed, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { expectMoments } from "../../test/moments";
import { Embedding } from "../index";

describe("Embedding", () => {
  it("looks up rows, in any shape of indices", () => {
    const layer = new Embedding(4, 2);
    const rows = layer.weight.toArray() as number[][];
    expect(
      layer
        .forward(
          tensor([
            [3, 0],
            [1, 1],
          ]),
        )
        .toArray(),
    ).toEqual([
      [rows[3], rows[0]],
      [rows[1], rows[1]],
    ]);
    expect(layer.forward(tensor(2)).toArray()).toEqual(rows[2]);
    expect(layer.forward(tensor([])).shape).toEqual([0, 2]);
  });

  it("starts normal", () => {
    manualSeed(1);
    expectMoments(new Embedding(200, 50).weight, 1);
  });

  it("has a row for padding that is zero and gets no gradient", () => {
    const layer = new Embedding(3, 2, { paddingIdx: -3 });
    expect([layer.paddingIdx, layer.weight.select(0, 0).toArray()]).toEqual([0, [0, 0]]);
    layer
      .forward(tensor([0, 2, 2]))
      .sum()
      .backward();
    expect(layer.weight.grad!.toArray()).toEqual([
      [0, 0],
      [0, 0],
      [2, 2],
    ]);
    layer.resetParameters();
    expect(layer.weight.select(0, 0).toArray()).toEqual([0, 0]);
  });

  it("shortens the rows that it looks up, once, and no others", () => {
    const layer = new Embedding(3, 2, { maxNorm: 1 });
    layer.loadStateDict({
      weight: tensor([
        [3, 4],
        [0.3, 0.4],
        [6, 8],
      ]),
    });
    const y = layer.forward(tensor([0, 0, 1]));
    expect(y.select(0, 0).norm().item()).toBeCloseTo(1, 5);
    expect(y.select(0, 2).toArray()).toEqual([Math.fround(0.3), Math.fround(0.4)]);
    expect(layer.weight.select(0, 2).toArray()).toEqual([6, 8]);
    y.sum().backward();
    expect(layer.weight.grad!.toArray()).toEqual([
      [2, 2],
      [1, 1],
      [0, 0],
    ]);
  });

  it.each([3, -1, 0.5])("has no row %s", (index) => {
    expect(() => new Embedding(3, 2).forward(tensor([index]))).toThrow(IndexError);
    const limited = new Embedding(3, 2, { maxNorm: 0.1 });
    const before = limited.weight.toArray();
    expect(() => limited.forward(tensor([0, index]))).toThrow(IndexError);
    expect(limited.weight.toArray()).toEqual(before);
  });

  it("checks its options", () => {
    expect(() => new Embedding(3, 2, { paddingIdx: 3 })).toThrow(
      "Embedding: there is no row 3, the table has 3; paddingIdx must be a whole number from -3 to 2",
    );
    expect(() => new Embedding(3, 2, { maxNorm: -1 })).toThrow(
      "Embedding: maxNorm must be a number from 0 on, got -1",
    );
    expect(String(new Embedding(3, 2, { paddingIdx: 1, maxNorm: 2 }))).toBe(
      "Embedding(3, 2, paddingIdx=1, maxNorm=2)",
    );
  });
});
