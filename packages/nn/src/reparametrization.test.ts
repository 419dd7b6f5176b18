import { noGrad } from "@thalweg/autograd";
import { ones, randn, type Tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  Bilinear,
  Conv2d,
  GRU,
  Linear,
  Module,
  Parameter,
  removeSpectralNorm,
  removeWeightNorm,
  Sequential,
  spectralNorm,
  Tanh,
  weightNorm,
} from "./index";

const close = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item();

describe("weightNorm", () => {
  it("computes what the layer computed, until length or direction change", () => {
    const layer = new Linear(4, 3);
    const x = randn([5, 4]);
    const before = layer.forward(x);
    expect(weightNorm(layer)).toBe(layer);
    expect(close(layer.forward(x), before)).toBeLessThan(1e-6);
    const [bias, g, v] = layer.parameters();
    expect([bias!.shape, g!.shape, v!.shape]).toEqual([[3], [3, 1], [3, 4]]);
    noGrad(() => [g!.mul_(2), v!.mul_(7)]);
    expect(close(layer.forward(x).sub(bias!), before.sub(bias!).mul(2))).toBeLessThan(1e-5);
    layer.forward(x).sum().backward();
    expect(g!.grad!.shape).toEqual([3, 1]);
    // The loss does not depend on the length of the direction.
    expect(close(v!.grad!.mul(v!).sum(1), ones([3]).mul(0))).toBeLessThan(1e-5);
  });

  it("shows a weight that follows its parts, and cannot be assigned", () => {
    const layer = weightNorm(new Conv2d(2, 3, 2), "weight", 1);
    expect(layer.parameters()[1]!.shape).toEqual([1, 2, 1, 1]);
    const weight: Tensor = layer.weight;
    expect(weight).not.toBeInstanceOf(Parameter);
    noGrad(() => layer.parameters()[1]!.mul_(3));
    expect(close(layer.weight, weight.mul(3))).toBeLessThan(1e-5);
    expect(() => {
      layer.weight = new Parameter(ones([3, 2, 2, 2]));
    }).toThrow(
      'Conv2d: "weight" is computed by weightNorm, of weight_g and weight_v; assign these, or remove it first',
    );
  });

  it("is undone with the value that it computed, and can be applied again", () => {
    const layer = weightNorm(new Linear(4, 3), "weight", null);
    noGrad(() => layer.parameters()[1]!.mul_(2));
    const x = randn([2, 4]);
    const y = layer.forward(x);
    expect(removeWeightNorm(layer)).toBe(layer);
    expect(Object.keys(layer.stateDict())).toEqual(["bias", "weight"]);
    expect(layer.weight).toBeInstanceOf(Parameter);
    expect(Object.hasOwn(layer, "forward")).toBe(false);
    expect(layer.forward(x).toArray()).toEqual(y.toArray());
    expect(Object.keys(weightNorm(layer).stateDict())).toEqual(["bias", "weight_g", "weight_v"]);
  });

  it("goes with others on one module, with several inputs, and below others", () => {
    const cell = weightNorm(weightNorm(new GRU(2, 3), "weightHhL0"), "weightIhL0");
    expect(Object.keys(cell.stateDict()).slice(2)).toEqual(
      ["hh_l0_g", "hh_l0_v", "ih_l0_g", "ih_l0_v"].map((key) => `weight_${key}`),
    );
    const [y] = cell.forward(randn([4, 1, 2]));
    y.sum().backward();
    for (const parameter of cell.parameters()) expect(parameter.grad).not.toBeNull();
    removeWeightNorm(cell, "weightHhL0");
    expect(cell.forward(randn([4, 1, 2]))[0].shape).toEqual([4, 1, 3]);
    const twice = weightNorm(new Bilinear(2, 3, 1));
    expect(twice.forward(randn([2, 2]), randn([2, 3])).shape).toEqual([2, 1]);
    const model = new Sequential(weightNorm(new Linear(2, 3)), new Tanh());
    expect(() => model.forward(randn([2, 5]))).toThrow(/^Sequential "0" \(Linear\): /);
    expect([...model.namedParameters()].map(([name]) => name)).toEqual([
      "0.bias",
      "0.weight_g",
      "0.weight_v",
    ]);
  });

  it("refuses parameters that are not there, are computed already, or lack the dimension", () => {
    const layer = new Linear(2, 3, { bias: false });
    expect(() => weightNorm(layer, "bias")).toThrow(
      'weightNorm: Linear has no parameter "bias"; give the name',
    );
    expect(() => weightNorm(layer, "weight", 2)).toThrow(
      'weightNorm: "weight" has no dim 2, its shape is [3, 2]; give one of its dimensions, or null',
    );
    expect(() => weightNorm({} as Module)).toThrow("weightNorm: module must be a module");
    expect(() => removeWeightNorm(layer)).toThrow(
      'removeWeightNorm: weightNorm does not compute "weight" of Linear; give the name that it was applied to',
    );
    weightNorm(layer);
    expect(() => spectralNorm(layer)).toThrow(
      'spectralNorm: Linear has no parameter "weight", weightNorm computes it; apply one of them',
    );
    expect(() => removeSpectralNorm(layer)).toThrow("removeSpectralNorm: spectralNorm does not compute");
  });
});

describe("spectralNorm", () => {
  it("makes the largest singular value 1", () => {
    const layer = spectralNorm(new Linear(4, 3, { bias: false }), "weight", { nPowerIterations: 100 });
    layer.forward(ones([1, 4]));
    // The largest eigenvalue of the Gram matrix, by its powers.
    const gram = layer.weight.matmul(layer.weight.transpose(0, 1));
    let power = gram;
    for (let i = 0; i < 6; i++) power = power.matmul(power);
    expect(power.diagonal().sum().item() ** (1 / 64)).toBeCloseTo(1, 3);
  });

  it("iterates at every call in training alone", () => {
    const layer = spectralNorm(new Linear(4, 3));
    const vectors = () => layer.buffers().map((x) => x.toArray());
    const start = vectors();
    layer.weight.toArray();
    layer.eval().forward(ones([1, 4]));
    expect(vectors()).toEqual(start);
    layer.train().forward(ones([1, 4]));
    expect(vectors()).not.toEqual(start);
  });

  it("has gradients of two calls before one backward", () => {
    const layer = spectralNorm(new Linear(3, 2));
    layer
      .forward(ones([1, 3]))
      .sub(layer.forward(randn([1, 3])))
      .sum()
      .backward();
    for (const parameter of layer.parameters()) expect(parameter.grad).not.toBeNull();
  });

  it("is undone with the value that it computed", () => {
    const layer = spectralNorm(new Conv2d(2, 3, 2));
    const x = randn([1, 2, 3, 3]);
    const y = layer.eval().forward(x);
    removeSpectralNorm(layer);
    expect(Object.keys(layer.stateDict())).toEqual(["bias", "weight"]);
    expect(layer.buffers()).toEqual([]);
    expect(layer.forward(x).toArray()).toEqual(y.toArray());
  });

  it("refuses what is no matrix", () => {
    expect(() => spectralNorm(new Linear(2, 3), "bias")).toThrow(
      'spectralNorm: "bias" is no matrix along dim 0, its shape is [3]; it needs two dimensions at least',
    );
    class Empty extends Module {
      weight = new Parameter(ones([0, 2]));
      override forward(): void {}
    }
    expect(() => spectralNorm(new Empty())).toThrow("its shape is [0, 2]");
  });
});
