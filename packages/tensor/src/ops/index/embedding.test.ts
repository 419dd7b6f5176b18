import { describe, expect, it } from "vitest";
import { embedding, embeddingBag, IndexError, ShapeError, type Tensor, tensor } from "../../index";

const table = () =>
  tensor([
    [3, 4],
    [0.3, 0.4],
    [6, 8],
  ]);

describe.each([
  ["embedding", (index: Tensor, weight: Tensor, options = {}) => embedding(index, weight, options)],
  [
    "embeddingBag",
    (index: Tensor, weight: Tensor, options = {}) => embeddingBag(index.unsqueeze(0), weight, options),
  ],
])("%s", (name, lookUp) => {
  it("shortens the rows that it looks up, in place, and no others", () => {
    const weight = table();
    lookUp(tensor([0, 1, 0]), weight, { maxNorm: 1 });
    expect(weight.select(0, 0).norm().item()).toBeCloseTo(1, 6);
    expect(weight.narrow(0, 1, 2).toArray()).toEqual(table().narrow(0, 1, 2).toArray());
    lookUp(tensor([2]), weight, { maxNorm: 7, normType: 1 });
    expect(weight.select(0, 2).abs().sum().item()).toBeCloseTo(7, 5);
  });

  it("changes nothing where it throws", () => {
    const weight = table();
    expect(() => lookUp(tensor([0, 3]), weight, { maxNorm: 1 })).toThrow(IndexError);
    expect(() => lookUp(tensor([0]), weight, { maxNorm: 1, paddingIdx: -4 })).toThrow(
      `${name}: there is no row -4, the table has 3; paddingIdx must be a whole number from -3 to 2`,
    );
    expect(() => lookUp(tensor([0]), weight.select(0, 0), { maxNorm: 1 })).toThrow(ShapeError);
    expect(() => lookUp(tensor([0]), weight.select(0, 0))).toThrow(
      `${name}: the weight must be a matrix, got shape [2]`,
    );
    expect(weight.toArray()).toEqual(table().toArray());
  });

  it("takes null for no option", () => {
    const [index, none] = [tensor([0, 2]), { paddingIdx: null, maxNorm: null }];
    expect(lookUp(index, table(), none).toArray()).toEqual(lookUp(index, table()).toArray());
  });
});
