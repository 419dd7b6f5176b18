import { fc, test } from "@fast-check/vitest";
import { type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect } from "vitest";
import type { Layer } from "../index";
import * as nn from "../index";

/** Every activation, its function, and its text. */
const activations: readonly (readonly [Layer, (x: Tensor) => Tensor, string])[] = [
  [new nn.ReLU(), (x) => x.relu(), "ReLU()"],
  [new nn.ReLU6(), (x) => x.relu6(), "ReLU6()"],
  [new nn.SELU(), (x) => x.selu(), "SELU()"],
  [new nn.SiLU(), (x) => x.silu(), "SiLU()"],
  [new nn.Mish(), (x) => x.mish(), "Mish()"],
  [new nn.Sigmoid(), (x) => x.sigmoid(), "Sigmoid()"],
  [new nn.Tanh(), (x) => x.tanh(), "Tanh()"],
  [new nn.Softsign(), (x) => x.softsign(), "Softsign()"],
  [new nn.Hardsigmoid(), (x) => x.hardsigmoid(), "Hardsigmoid()"],
  [new nn.Hardswish(), (x) => x.hardswish(), "Hardswish()"],
  [new nn.LogSigmoid(), (x) => x.logSigmoid(), "LogSigmoid()"],
  [new nn.LeakyReLU(), (x) => x.leakyRelu(0.01), "LeakyReLU(negativeSlope=0.01)"],
  [new nn.LeakyReLU(0.2), (x) => x.leakyRelu(0.2), "LeakyReLU(negativeSlope=0.2)"],
  [new nn.ELU(), (x) => x.elu(1), "ELU(alpha=1)"],
  [new nn.ELU(0.5), (x) => x.elu(0.5), "ELU(alpha=0.5)"],
  [new nn.CELU(2), (x) => x.celu(2), "CELU(alpha=2)"],
  [new nn.GELU(), (x) => x.gelu(), "GELU(approximate=none)"],
  [new nn.GELU({ approximate: "tanh" }), (x) => x.gelu({ approximate: "tanh" }), "GELU(approximate=tanh)"],
  [new nn.Softplus(), (x) => x.softplus(), "Softplus(beta=1, threshold=20)"],
  [
    new nn.Softplus({ beta: 2, threshold: 3 }),
    (x) => x.softplus({ beta: 2, threshold: 3 }),
    "Softplus(beta=2, threshold=3)",
  ],
  [new nn.Hardtanh(), (x) => x.hardtanh(-1, 1), "Hardtanh(min=-1, max=1)"],
  [new nn.Hardtanh(-2, 0.5), (x) => x.hardtanh(-2, 0.5), "Hardtanh(min=-2, max=0.5)"],
  [new nn.Softmax(1), (x) => x.softmax(1), "Softmax(dim=1)"],
  [new nn.LogSoftmax(0), (x) => x.logSoftmax(0), "LogSoftmax(dim=0)"],
];

const data = fc.array(fc.integer({ min: -8000, max: 8000 }), { minLength: 6, maxLength: 6 });

describe.each(activations.map((entry) => [entry[2], ...entry] as const))("%s", (_, layer, f) => {
  test.prop([data], { numRuns: 20 })(
    "computes what the method of its name computes, gradient included",
    (values) => {
      const make = () =>
        tensor(
          values.map((v) => v / 1000),
          { shape: [2, 3], requiresGrad: true },
        );
      const [x, y] = [make(), make()];
      const [a, b] = [layer.forward(x), f(y)];
      expect(a.toArray()).toEqual(b.toArray());
      const seed = tensor([1, 2, 3, 4, 5, 6], { shape: [2, 3] });
      a.backward(seed);
      b.backward(seed);
      expect(x.grad!.toArray()).toEqual(y.grad!.toArray());
    },
  );
});

describe("activations", () => {
  test("print with their options, as PyTorch's do", () => {
    expect(activations.map(([layer]) => layer.toString())).toEqual(activations.map(([, , text]) => text));
  });

  test("have nothing to learn", () => {
    for (const [layer] of activations) {
      expect(layer.parameters()).toEqual([]);
      expect(layer.stateDict()).toEqual({});
    }
  });
});
