import { fc, test } from "@fast-check/vitest";
import { Generator, type Tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { init, Linear, Parameter } from "./index";

const shape = [60, 40, 3];
const [fanIn, fanOut] = [40 * 3, 60 * 3];

const filled = (fill: (x: Tensor, options: { generator: Generator }) => Tensor, seed = 1) =>
  fill(zeros(shape), { generator: new Generator(seed) });

const count = shape.reduce((a, b) => a * b, 1);

function expectUniform(x: Tensor, low: number, high: number): void {
  const width = high - low;
  expect(x.min().item()).toBeGreaterThanOrEqual(Math.fround(low) - 1e-6 * width);
  expect(x.max().item()).toBeLessThanOrEqual(Math.fround(high) + 1e-6 * width);
  expect(x.max().item() - x.min().item()).toBeGreaterThan(0.99 * width);
  expect(Math.abs(x.mean().item() - (low + high) / 2)).toBeLessThan(4 * width * Math.sqrt(1 / 12 / count));
  expect(Math.abs(x.var().item() / (width ** 2 / 12) - 1)).toBeLessThan(4 * Math.sqrt(0.8 / count));
}

function expectNormal(x: Tensor, mean: number, std: number): void {
  expect(Math.abs(x.mean().item() - mean)).toBeLessThan((4 * std) / Math.sqrt(count));
  expect(Math.abs(x.var().item() / std ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
  // A normal sample of this size reaches beyond three deviations, a uniform one does not.
  expect(x.sub(mean).abs().max().item()).toBeGreaterThan(3 * std);
}

describe("init", () => {
  it("fills with one value", () => {
    expect(init.constant_(zeros([2]), 3).toArray()).toEqual([3, 3]);
    expect(init.ones_(zeros([2])).toArray()).toEqual([1, 1]);
    expect(init.zeros_(init.ones_(zeros([2]))).toArray()).toEqual([0, 0]);
  });

  it("fills with uniform and normal numbers", () => {
    expectUniform(filled(init.uniform_), 0, 1);
    expectUniform(
      filled((x, options) => init.uniform_(x, { low: -3, high: 2, ...options })),
      -3,
      2,
    );
    expectNormal(filled(init.normal_), 0, 1);
    expectNormal(
      filled((x, options) => init.normal_(x, { mean: 5, std: 0.1, ...options })),
      5,
      0.1,
    );
  });

  it("scales by both fans after Glorot", () => {
    const bound = Math.sqrt(6 / (fanIn + fanOut));
    expectUniform(filled(init.xavierUniform_), -bound, bound);
    expectUniform(
      filled((x, options) => init.xavierUniform_(x, { gain: 2, ...options })),
      -2 * bound,
      2 * bound,
    );
    expectNormal(filled(init.xavierNormal_), 0, Math.sqrt(2 / (fanIn + fanOut)));
  });

  it("scales by one fan and the activation after He", () => {
    const std = Math.sqrt(2 / fanIn);
    expectNormal(filled(init.kaimingNormal_), 0, std);
    expectUniform(filled(init.kaimingUniform_), -Math.sqrt(3) * std, Math.sqrt(3) * std);
    const outwards = (x: Tensor, options: object) =>
      init.kaimingNormal_(x, { mode: "fanOut", nonlinearity: "tanh", ...options });
    expectNormal(filled(outwards), 0, 5 / 3 / Math.sqrt(fanOut));
    const leaky = (x: Tensor, options: object) => init.kaimingNormal_(x, { a: 1, ...options });
    expectNormal(filled(leaky), 0, 1 / Math.sqrt(fanIn));
  });

  it("knows the gain of each activation", () => {
    const gains = (["linear", "sigmoid", "tanh", "relu", "leakyRelu", "selu"] as const).map((name) =>
      init.calculateGain(name),
    );
    expect(gains).toEqual([1, 1, 5 / 3, Math.SQRT2, Math.sqrt(2 / (1 + 0.01 ** 2)), 3 / 4]);
    expect(init.calculateGain("leakyRelu", 2)).toBe(Math.sqrt(2 / 5));
    expect(() => init.calculateGain("step" as "relu")).toThrow(
      'calculateGain: nonlinearity must be "linear" or "sigmoid" or "tanh" or "relu" or "leakyRelu" or "selu", got "step"',
    );
  });

  it("writes into the tensor it was given, requiring grad or not, and returns it", () => {
    const parameter = new Parameter(zeros([4, 4]));
    for (const fill of [
      init.uniform_,
      init.normal_,
      init.xavierUniform_,
      init.kaimingNormal_,
      init.orthogonal_,
    ]) {
      expect(fill(parameter)).toBe(parameter);
      expect(parameter).toMatchObject({ requiresGrad: true, isLeaf: true });
    }
    const wide = zeros([3, 3], { dtype: "float64" });
    expect(init.normal_(wide).dtype).toBe("float64");
  });

  it("gives the same numbers for the same seed", () => {
    for (const fill of [init.uniform_, init.normal_, init.xavierNormal_, init.kaimingUniform_]) {
      expect(filled(fill, 3).toArray()).toEqual(filled(fill, 3).toArray());
      expect(filled(fill, 3).toArray()).not.toEqual(filled(fill, 4).toArray());
    }
  });

  it("refuses to count the inputs of a vector", () => {
    for (const fill of [init.xavierUniform_, init.xavierNormal_, init.kaimingUniform_, init.orthogonal_]) {
      expect(() => fill(zeros([3]))).toThrow(
        `${fill.name}: a vector has no number of inputs, shape [3]; initialise biases with uniform_ or zeros_`,
      );
    }
  });
});

describe("orthogonal_", () => {
  const extent = fc.integer({ min: 1, max: 9 });

  test.prop([extent, extent, fc.nat({ max: 1000 }), fc.constantFrom(1, 0.5, 2)], { numRuns: 60 })(
    "makes rows or columns orthonormal, whichever are fewer, times the gain",
    (rows, columns, seed, gain) => {
      const x = init.orthogonal_(zeros([rows, columns], { dtype: "float64" }), {
        gain,
        generator: new Generator(seed),
      });
      const product = rows <= columns ? x.matmul(x.transpose(0, 1)) : x.transpose(0, 1).matmul(x);
      const size = Math.min(rows, columns);
      product.dataSync().forEach((value, i) => {
        const expected = i % (size + 1) === 0 ? gain ** 2 : 0;
        expect(Math.abs(value - expected)).toBeLessThan(1e-12);
      });
    },
  );

  it("takes the dimensions beyond the first together", () => {
    const flat = init.orthogonal_(zeros([4, 2, 3])).reshape([4, 6]);
    const product = flat.matmul(flat.transpose(0, 1)).toArray() as number[][];
    product.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value).toBeCloseTo(i === j ? 1 : 0, 5);
      });
    });
  });

  it("keeps the length of the vectors that a layer maps", () => {
    const layer = new Linear(6, 6, { bias: false });
    init.orthogonal_(layer.weight);
    const x = init.normal_(zeros([1, 6]));
    expect(layer.forward(x).norm().item()).toBeCloseTo(x.norm().item(), 4);
  });
});
