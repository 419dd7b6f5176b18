import { IndexError, ShapeError, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { EmbeddingBag } from "../index";

const rows = [
  [1, -1],
  [2, -5],
  [4, 3],
];

function bag(options: ConstructorParameters<typeof EmbeddingBag>[2] = {}): EmbeddingBag {
  const layer = new EmbeddingBag(3, 2, options);
  layer.loadStateDict({ weight: tensor(rows) });
  return layer;
}

describe("EmbeddingBag", () => {
  it("gives zeros for empty bags, those of padding alone among them", () => {
    const offsets = tensor([0, 0, 1, 3]);
    for (const mode of ["sum", "mean", "max"] as const) {
      const y = bag({ mode, paddingIdx: -1 }).forward(tensor([2, 0, 1]), { offsets });
      const last = { sum: [3, -6], mean: [1.5, -3], max: [2, -1] }[mode];
      expect(y.toArray()).toEqual([[0, 0], [0, 0], last, [0, 0]]);
    }
    expect(
      bag()
        .forward(tensor([]), { offsets: tensor([0, 0]) })
        .toArray(),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(
      bag({ mode: "max" })
        .forward(tensor([[], []]))
        .toArray(),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it("leaves indices after the last offset out, if that is an end", () => {
    const layer = bag({ mode: "sum", includeLastOffset: true });
    expect(layer.forward(tensor([0, 1, 2]), { offsets: tensor([0, 2]) }).toArray()).toEqual([[3, -6]]);
  });

  it("gives the gradient of the largest to the first of equal elements, and none to padding", () => {
    const layer = bag({ mode: "max", paddingIdx: 2 });
    layer
      .forward(tensor([2, 0, 0, 1]), { offsets: tensor([0]) })
      .sum()
      .backward();
    expect(layer.weight.grad!.toArray()).toEqual([
      [0, 1],
      [1, 0],
      [0, 0],
    ]);
  });

  it("takes the largest of long bags", () => {
    const values = Array.from({ length: 100 }, (_, i) => [(37 * i) % 101]);
    const layer = new EmbeddingBag(100, 1, { mode: "max" });
    layer.loadStateDict({ weight: tensor(values) });
    const starts = [0, 1, 30, 64];
    const found = layer.forward(tensor(values.map((_, i) => i)), { offsets: tensor(starts) });
    const expected = starts.map((start, k) => [Math.max(...values.slice(start, starts[k + 1]).flat())]);
    expect(found.toArray()).toEqual(expected);
  });

  it("shortens rows that are looked up", () => {
    const layer = bag({ maxNorm: 1, mode: "sum" });
    layer.forward(tensor([[2]]));
    expect(layer.weight.norm(1).toArray()).toEqual([
      Math.fround(Math.SQRT2),
      expect.closeTo(29 ** 0.5, 5),
      expect.closeTo(1, 5),
    ]);
  });

  it("refuses what does not fit, with both sides", () => {
    const wrong: [() => unknown, typeof ShapeError | typeof IndexError, string][] = [
      [() => bag().forward(tensor([0, 1])), ShapeError, "index and offsets do not fit, [2] and none"],
      [
        () => bag().forward(tensor([[0, 1]]), { offsets: tensor([0]) }),
        ShapeError,
        "index and offsets do not fit, [1, 2] and [1]",
      ],
      [
        () => bag().forward(tensor([0, 1]), { offsets: tensor([1]) }),
        IndexError,
        "offset 0 is 1, the one before is none and there are 2 indices",
      ],
      [
        () => bag().forward(tensor([0, 1]), { offsets: tensor([0, 2, 1]) }),
        IndexError,
        "offset 2 is 1, the one before is 2 and there are 2 indices",
      ],
      [() => bag().forward(tensor([0, 1]), { offsets: tensor([0, 3]) }), IndexError, "offset 1 is 3"],
      [
        () => bag({ mode: "sum" }).forward(tensor([[0, 1]]), { perSampleWeights: tensor([1, 2]) }),
        ShapeError,
        "perSampleWeights do not fit the index, [2] and [1, 2]",
      ],
      [() => bag().forward(tensor([[3]])), IndexError, "3"],
      [() => new EmbeddingBag(3, 2, { paddingIdx: 3 }), IndexError, "there is no row 3, the table has 3"],
    ];
    for (const [call, error, text] of wrong) {
      expect(call).toThrow(error);
      expect(call).toThrow(/^EmbeddingBag: /);
      expect(call).toThrow(text);
    }
    expect(() => bag().forward(tensor([[0]]), { perSampleWeights: tensor([[1]]) })).toThrow(
      'EmbeddingBag: perSampleWeights do not go with mode "mean"; use the mode "sum"',
    );
  });
});
