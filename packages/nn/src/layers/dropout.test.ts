import { fc, test } from "@fast-check/vitest";
import { defaultGenerator, Generator, manualSeed, ones, rand, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { Dropout, Dropout1d, Dropout2d } from "../index";

const count = 20_000;

describe("Dropout", () => {
  test.prop([fc.integer({ min: 1, max: 19 }).map((n) => n / 20), fc.nat({ max: 1000 })], { numRuns: 20 })(
    "drops the given share, and scales the rest to keep the mean",
    (p, seed) => {
      const y = new Dropout(p, { generator: new Generator(seed) }).forward(ones([count]));
      const scale = Math.fround(1 / Math.fround(1 - p));
      for (const value of new Set(y.dataSync())) {
        expect(value === 0 || Math.abs(value / scale - 1) < 1e-6).toBe(true);
      }
      // Five standard deviations of the mean of a scaled coin.
      expect(Math.abs(y.mean().item() - 1)).toBeLessThan(5 * Math.sqrt(p / (1 - p) / count));
    },
  );

  it("passes everything when not training, and draws no random numbers then", () => {
    const layer = new Dropout(0.5).eval();
    const x = rand([10]);
    const state = defaultGenerator.getState();
    expect(layer.forward(x)).toBe(x);
    expect(defaultGenerator.getState()).toEqual(state);
  });

  it("passes everything with p = 0 and nothing with p = 1", () => {
    const x = tensor([1, -2, 3], { requiresGrad: true });
    expect(new Dropout(0).forward(x)).toBe(x);
    const none = new Dropout(1).forward(x);
    expect(none.toArray()).toEqual([0, -0, 0]);
    none.sum().backward();
    expect(x.grad!.toArray()).toEqual([0, 0, 0]);
  });

  it("passes the gradient to the elements that were kept", () => {
    const x = ones([50], { requiresGrad: true });
    const y = new Dropout(0.3).forward(x);
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual(y.toArray());
  });

  it("draws anew at each call, and the same for the same seed", () => {
    const x = ones([40]);
    const layer = new Dropout();
    manualSeed(6);
    const [first, second] = [layer.forward(x).toArray(), layer.forward(x).toArray()];
    expect(first).not.toEqual(second);
    manualSeed(6);
    expect(layer.forward(x).toArray()).toEqual(first);
    const own = () => new Dropout(0.5, { generator: new Generator(9) }).forward(x).toArray();
    expect(own()).toEqual(own());
  });

  it("refuses a number that is not a probability", () => {
    for (const p of [-0.1, 1.1, Number.NaN]) {
      expect(() => new Dropout(p)).toThrow(
        `Dropout: p must be a number from 0 to 1, got ${p}; call it as new Dropout(p?, { generator? })`,
      );
    }
  });
});

describe("dropout of channels", () => {
  it("drops whole channels, and scales the others", () => {
    for (const [layer, shape, lead] of [
      [new Dropout1d(0.5, { generator: new Generator(3) }), [6, 7, 4], 2],
      [new Dropout1d(0.5, { generator: new Generator(3) }), [40, 4], 1],
      [new Dropout2d(0.5, { generator: new Generator(3) }), [6, 7, 2, 2], 2],
      [new Dropout2d(0.5, { generator: new Generator(3) }), [6, 7, 4], 2],
    ] as const) {
      const y = layer.forward(ones(shape)).flatten(lead).reshape([-1, 4]);
      expect(new Set((y.toArray() as number[][]).map(String))).toEqual(new Set(["0,0,0,0", "2,2,2,2"]));
    }
  });

  it("returns its input when not training, and refuses other ranks", () => {
    const x = ones([2, 3, 4, 5]);
    expect(new Dropout2d().eval().forward(x)).toBe(x);
    expect(() => new Dropout2d().forward(ones([3, 4]))).toThrow(
      "Dropout2d: the input has shape [3, 4]; it must have 3 or 4 dimensions",
    );
    expect(() => new Dropout1d(2)).toThrow("Dropout1d: p must be a number from 0 to 1, got 2");
    expect(String(new Dropout1d(0.25))).toBe("Dropout1d(p=0.25)");
  });
});
