import * as nn from "@thalweg/nn";
import { Generator, randn, type Tensor, ThalwegError, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { isRefused, mutations, type Values } from "./mutations";

type Construct = new (...values: never[]) => nn.Module;

const encoderLayer = () => new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 3 });
const decoderLayer = () => new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 3 });

/** The constructor's arguments of each layer, and its inputs. */
const layers: Record<string, { readonly make: Values; readonly inputs?: Values; readonly options?: object }> =
  {
    AdaptiveAvgPool2d: { make: [2], inputs: [randn([1, 4, 4])] },
    AdaptiveAvgPool1d: { make: [2], inputs: [randn([1, 4])] },
    AdaptiveMaxPool1d: { make: [null], inputs: [randn([1, 4])] },
    AdaptiveMaxPool2d: { make: [[2, null]], inputs: [randn([1, 4, 4])] },
    AvgPool1d: { make: [2, { stride: 1 }], inputs: [randn([1, 4])] },
    AvgPool2d: { make: [2, { divisorOverride: 3 }], inputs: [randn([1, 4, 4])] },
    BatchNorm1d: { make: [3, { momentum: null, eps: 1e-3 }], inputs: [randn([4, 3])] },
    BatchNorm2d: { make: [3], inputs: [randn([4, 3, 2, 2])] },
    Bilinear: { make: [2, 3, 4, { bias: false }], inputs: [randn([5, 2]), randn([5, 3])] },
    CELU: { make: [0.5] },
    CircularPad1d: { make: [[1, 2]], inputs: [randn([1, 4])] },
    CircularPad2d: { make: [1], inputs: [randn([1, 4, 4])] },
    ConstantPad1d: { make: [1, 0.5], inputs: [randn([1, 4])] },
    ConstantPad2d: { make: [[1, 0, -1, 0], 0.5], inputs: [randn([1, 4, 4])] },
    Conv1d: { make: [1, 2, 3, { padding: "same" }], inputs: [randn([1, 5])] },
    Conv2d: {
      make: [2, 2, [3, 3], { groups: 2, paddingMode: "reflect", padding: 1 }],
      inputs: [randn([2, 5, 5])],
    },
    ConvTranspose1d: { make: [1, 2, 3, { stride: 2, outputPadding: 1 }], inputs: [randn([1, 3])] },
    ConvTranspose2d: { make: [1, 2, 3, { stride: 2, outputPadding: 1 }], inputs: [randn([1, 3, 3])] },
    Dropout: { make: [0.5, { generator: new Generator(1) }] },
    Dropout1d: { make: [0.5, { generator: new Generator(1) }] },
    Dropout2d: { make: [0.5, { generator: new Generator(1) }], inputs: [randn([2, 4, 2, 2])] },
    ELU: { make: [2] },
    Embedding: { make: [5, 2, { paddingIdx: 0, maxNorm: 1 }], inputs: [zeros([3])] },
    EmbeddingBag: {
      make: [5, 2, { mode: "sum", includeLastOffset: false, paddingIdx: 0, maxNorm: 2, normType: 1 }],
      inputs: [zeros([3]), { offsets: zeros([2]), perSampleWeights: randn([3]) }],
    },
    Flatten: { make: [0, -1] },
    Fold: { make: [[3, 3], 2, { stride: 1 }], inputs: [randn([4, 4])] },
    GLU: { make: [0] },
    GELU: { make: [{ approximate: "tanh" }] },
    GRU: { make: [3, 2, { numLayers: 2 }], inputs: [randn([4, 2, 3]), randn([2, 2, 2])] },
    GroupNorm: { make: [2, 4, { eps: 1e-3 }], inputs: [randn([3, 4])] },
    Hardshrink: { make: [0.25] },
    Hardtanh: { make: [-2, 2] },
    Identity: { make: [] },
    InstanceNorm1d: { make: [3, { affine: true, momentum: 0.2 }], inputs: [randn([2, 3, 4])] },
    InstanceNorm2d: { make: [3, { trackRunningStats: true }], inputs: [randn([2, 3, 2, 2])] },
    LSTM: { make: [3, 4, { projSize: 2 }], inputs: [randn([4, 2, 3]), [randn([1, 2, 2]), randn([1, 2, 4])]] },
    LayerNorm: { make: [[3], { bias: false }], inputs: [randn([4, 3])] },
    LeakyReLU: { make: [0.1] },
    Linear: { make: [3, 2, { bias: true }], inputs: [randn([4, 3])] },
    LocalResponseNorm: { make: [2, { alpha: 0.1, beta: 0.5, k: 2 }], inputs: [randn([2, 3, 2])] },
    LogSoftmax: { make: [0] },
    MaxPool1d: { make: [2, { dilation: 1 }], inputs: [randn([1, 4])] },
    MaxPool2d: { make: [2, { padding: 1, ceilMode: true }], inputs: [randn([1, 4, 4])] },
    ModuleDict: { make: [{ a: new nn.ReLU() }], inputs: [] },
    ModuleList: { make: [[new nn.ReLU()]], inputs: [] },
    MultiheadAttention: {
      make: [4, 2, { kdim: 3, dropout: 0.1 }],
      inputs: [
        randn([3, 1, 4]),
        randn([2, 1, 3]),
        randn([2, 1, 4]),
        { isCausal: true, attnMask: zeros([3, 2]) },
      ],
    },
    PixelShuffle: { make: [2], inputs: [randn([4, 2, 2])] },
    PixelUnshuffle: { make: [2], inputs: [randn([1, 4, 4])] },
    PReLU: { make: [3, { init: 0.1 }] },
    ParameterDict: { make: [{ a: zeros([2]) }], inputs: [] },
    ParameterList: { make: [[zeros([2])]], inputs: [] },
    ReflectionPad1d: { make: [1], inputs: [randn([1, 4])] },
    ReflectionPad2d: { make: [[1, 0, 2, 1]], inputs: [randn([1, 4, 4])] },
    ReplicationPad1d: { make: [[1, 3]], inputs: [randn([1, 4])] },
    ReplicationPad2d: { make: [1], inputs: [randn([1, 4, 4])] },
    RMSNorm: { make: [3, { elementwiseAffine: true }], inputs: [randn([4, 3])] },
    RNN: { make: [3, 2, { nonlinearity: "relu" }], inputs: [randn([4, 2, 3])] },
    Sequential: { make: [new nn.Linear(3, 2), new nn.ReLU()], inputs: [randn([4, 3])] },
    Softmax: { make: [0] },
    Softmin: { make: [0] },
    Softplus: { make: [{ beta: 2, threshold: 10 }] },
    TransformerDecoder: {
      make: [decoderLayer, 1, { norm: null }],
      inputs: [randn([3, 1, 4]), randn([2, 1, 4]), { tgtIsCausal: true, memoryMask: null }],
    },
    TransformerDecoderLayer: {
      make: [4, 2, { dimFeedforward: 3, activation: "gelu" }],
      inputs: [randn([3, 1, 4]), randn([2, 1, 4]), { tgtIsCausal: true, memoryMask: null }],
    },
    TransformerEncoder: {
      make: [encoderLayer, 2, { norm: new nn.LayerNorm(4) }],
      inputs: [randn([3, 1, 4]), { mask: null, isCausal: true }],
    },
    Softshrink: { make: [0.25] },
    Threshold: { make: [0.5, 2] },
    TransformerEncoderLayer: {
      make: [4, 2, { dimFeedforward: 3, activation: "gelu" }],
      inputs: [randn([3, 1, 4]), { srcMask: null, isCausal: true }],
    },
    Unfold: { make: [2, { dilation: 1, padding: [1, 0], stride: 1 }], inputs: [randn([2, 4, 4])] },
    Upsample: {
      make: [{ scaleFactor: 2, mode: "bilinear", alignCorners: true }],
      inputs: [randn([1, 2, 3, 3])],
    },
    ZeroPad1d: { make: [1], inputs: [randn([1, 4])] },
    ZeroPad2d: { make: [[1, 2, 3, 4]], inputs: [randn([1, 4, 4])] },
  };
/** Collections, which have no computation of their own. */
const collections = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList"];
/** Base classes of layers have no `forward`. */
const isLayer = (value: unknown) => {
  const { prototype } = Object(value) as { readonly prototype?: object };
  return prototype instanceof nn.Module && "forward" in prototype;
};
// Layers that are not listed take no arguments, and one tensor.
for (const [name, value] of Object.entries(nn)) if (isLayer(value)) layers[name] ??= { make: [] };

const bits = (layer: nn.Module) => Object.values(layer.stateDict()).map((x) => [...x.dataSync()]);

describe.each(Object.entries(layers))("%s", (name, { make, inputs = [randn([4, 3])] }) => {
  const Class = Reflect.get(nn, name) as unknown as Construct;

  it("accepts valid arguments, and refuses others", () => {
    let refused = 0;
    for (const values of mutations(make)) {
      if (isRefused(name, () => new Class(...(values as never[])))) refused++;
    }
    // As in PyTorch, this one accepts any arguments.
    if (name !== "Identity") expect(refused).toBeGreaterThan(0);
    expect(new Class(...(make as never[]))).toBeInstanceOf(nn.Module);
  });

  it("accepts valid inputs, and refuses others with nothing changed", () => {
    const layer = new Class(...(make as never[]));
    const forward = (values: Values) => layer.forward(...(values as never[]));
    let before = bits(layer);
    for (const values of mutations(inputs)) {
      if (isRefused(name, () => forward(values))) expect(bits(layer)).toEqual(before);
      else before = bits(layer);
    }
    if (!collections.includes(name)) expect(forward(inputs)).toBeDefined();
  });
});

describe("methods of modules", () => {
  const model = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2));
  const methods: Record<string, Values> = {
    apply: [() => {}],
    at: [0],
    loadStateDict: [model.stateDict(), { strict: true }],
    prepareLoad: [model.stateDict(), { strict: false }],
    namedModules: ["a", new Set()],
    requiresGrad_: [true],
    to: ["float32"],
    train: [true],
  };

  it.each(Object.entries(methods))("%s refuses invalid arguments, and changes nothing", (name, right) => {
    let before = bits(model);
    const called = name === "prepareLoad" ? "loadStateDict" : name;
    const method = Reflect.get(model, name) as (...values: Values) => unknown;
    for (const values of mutations(right)) {
      if (name === "apply" && typeof values[0] === "function") continue;
      const refused = isRefused(called, () => {
        const result = method.apply(model, values as unknown[]);
        if (name === "namedModules") expect([...(result as Iterable<unknown>)].length).toBeLessThan(4);
      });
      if (refused || name !== "loadStateDict") expect(bits(model)).toEqual(before);
      before = bits(model);
    }
  });
});

describe("normalised parameters", () => {
  const functions: Record<string, () => Values> = {
    spectralNorm: () => [new nn.Linear(2, 3), "weight", { nPowerIterations: 2, eps: 1e-6, dim: 0 }],
    weightNorm: () => [new nn.Linear(2, 3), "weight", null],
    removeSpectralNorm: () => [nn.spectralNorm(new nn.Linear(2, 3)), "weight"],
    removeWeightNorm: () => [nn.weightNorm(new nn.Linear(2, 3)), "weight"],
  };

  it.each(Object.entries(functions))("%s refuses invalid arguments, and changes nothing", (name, make) => {
    const call = Reflect.get(nn, name) as (...values: Values) => nn.Module;
    let refused = 0;
    for (const position of make().keys()) {
      for (const wrong of [null, 3, "", "bias_", {}, [], new nn.ReLU(), zeros([2])]) {
        const values = make();
        const module = values[0] as nn.Module;
        const before = bits(module);
        if (!isRefused(name, () => call(...values.with(position, wrong)))) continue;
        refused++;
        expect(bits(module)).toEqual(before);
      }
    }
    expect(refused).toBeGreaterThan(8);
  });
});

describe("init", () => {
  const options = { generator: new Generator(2) };
  const functions: Record<string, Values> = {
    calculateGain: ["leakyRelu", 0.1],
    constant_: [zeros([2]), 3],
    fans: [zeros([2, 3])],
    kaimingNormal_: [zeros([2, 3]), { a: 0, mode: "fanIn", nonlinearity: "relu", ...options }],
    kaimingUniform_: [zeros([2, 3]), { a: 0, mode: "fanOut", nonlinearity: "tanh", ...options }],
    normal_: [zeros([2]), { mean: 0, std: 1, ...options }],
    ones_: [zeros([2])],
    orthogonal_: [zeros([2, 3]), { gain: 2, ...options }],
    uniform_: [zeros([2]), { low: 0, high: 1, ...options }],
    xavierNormal_: [zeros([2, 3]), { gain: 1, ...options }],
    xavierUniform_: [zeros([2, 3]), { gain: 1, ...options }],
    zeros_: [zeros([2])],
  };

  it("is completely listed here", () => {
    const known = Object.keys(nn.init).filter((name) => typeof Reflect.get(nn.init, name) === "function");
    expect(Object.keys(functions).sort()).toEqual(known.sort());
  });

  it.each(Object.entries(functions))("%s refuses invalid arguments, and changes nothing", (name, right) => {
    const call = Reflect.get(nn.init, name) as (...values: Values) => unknown;
    for (const values of mutations(right)) {
      const [x] = values as [Tensor];
      const before = x === right[0] && typeof x === "object" ? x.toArray() : null;
      if (isRefused(name, () => call(...values)) && before !== null) expect(x.toArray()).toEqual(before);
    }
  });
});

it("a Parameter is made of a tensor", () => {
  for (const values of mutations([zeros([2]), true])) {
    isRefused("Parameter", () => new nn.Parameter(...(values as [Tensor])));
  }
});

describe("errors suggest what was probably meant", () => {
  const calls: [string, () => unknown, string][] = [
    [
      "a position",
      () => new nn.Linear(2, 3, false as never),
      "Linear: options must be an object of options, got false; call it as new Linear(inFeatures, outFeatures, { bias? })",
    ],
    [
      "another name",
      () => new nn.Linear(2, 3, { Bias: false } as never),
      'Linear: there is no option "Bias"; did you mean bias? options: bias',
    ],
    [
      "PyTorch's name",
      () => new nn.Conv2d(1, 1, 3, { padding_mode: "zeros" } as never),
      "did you mean paddingMode?",
    ],
    [
      "NaN",
      () => new nn.MaxPool2d(Number.NaN),
      "MaxPool2d: kernelSize must be a whole number from 1 on, or an array of length 2",
    ],
    [
      "a negative eps",
      () => new nn.LayerNorm(3, { eps: -1 }),
      "LayerNorm: eps must be a number from 0 on, got -1",
    ],
    [
      "half a feature",
      () => new nn.Linear(2.5, 3),
      "Linear: inFeatures must be a whole number from 0 on, got 2.5",
    ],
    [
      "an option of a call",
      () =>
        new nn.MultiheadAttention(4, 2).forward(zeros([1, 1, 4]), zeros([1, 1, 4]), zeros([1, 1, 4]), {
          needWeight: false,
        } as never),
      'MultiheadAttention: there is no option "needWeight"; did you mean needWeights?',
    ],
    [
      "one argument too many",
      () => new (nn.ReLU as new (...values: unknown[]) => nn.Module)("inplace"),
      "ReLU: takes",
    ],
    ["too large", () => new nn.Linear(2 ** 26, 2 ** 26), "Linear: "],
  ];

  it.each(calls)("for %s", (_, call, message) => {
    expect(call).toThrow(ThalwegError);
    expect(call).toThrow(message);
  });
});
