import type { Module } from "@thalweg/nn";
import * as nn from "@thalweg/nn";
import { ones, type Tensor, tensor, zeros } from "@thalweg/tensor";
import type { LawInput, LayerLawOptions } from "../src/index";

/** A layer with the arguments of {@link layerLaws}. */
export interface LayerCase {
  readonly title: string;
  readonly make: () => Module;
  readonly inputs: readonly LawInput[];
  readonly options: LayerLawOptions<Module>;
}

const cases: LayerCase[] = [];

function add<M extends Module>(
  title: string,
  make: () => M,
  inputs: readonly (LawInput | readonly number[])[],
  options: LayerLawOptions<M> = {},
): void {
  const full = inputs.map((input) => ("length" in input ? { shape: input } : input) as LawInput);
  cases.push({ title, make, inputs: full, options: options as LayerLawOptions<Module> });
}

const weight = { keys: ["weight"] };
const both = { keys: ["weight", "bias"] };
const none = { keys: [] };
/** Points at which piecewise functions are not smooth. */
const away = (...avoid: number[]) => ({ min: -2, max: 2, avoid });
const distinct = { min: -2, max: 2, distinct: true };
const batchNorm = { keys: ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"] };

add("Identity", () => new nn.Identity(), [[2, 3]], none);
add("ReLU", () => new nn.ReLU(), [{ shape: [2, 3], domain: away(0) }], none);
add("ReLU6", () => new nn.ReLU6(), [{ shape: [2, 3], domain: { min: -8, max: 8, avoid: [0, 6] } }], none);
add("SELU", () => new nn.SELU(), [{ shape: [2, 3], domain: away(0) }], none);
add("SiLU", () => new nn.SiLU(), [[2, 3]], none);
add("Mish", () => new nn.Mish(), [[2, 3]], none);
add("Sigmoid", () => new nn.Sigmoid(), [[2, 3]], none);
add("Tanh", () => new nn.Tanh(), [[2, 3]], none);
add("Softsign", () => new nn.Softsign(), [[2, 3]], none);
add(
  "Hardsigmoid",
  () => new nn.Hardsigmoid(),
  [{ shape: [2, 3], domain: { min: -5, max: 5, avoid: [-3, 3] } }],
  none,
);
add(
  "Hardswish",
  () => new nn.Hardswish(),
  [{ shape: [2, 3], domain: { min: -5, max: 5, avoid: [-3, 3] } }],
  none,
);
add("LogSigmoid", () => new nn.LogSigmoid(), [[2, 3]], none);
add("LeakyReLU", () => new nn.LeakyReLU(0.2), [{ shape: [2, 3], domain: away(0) }], none);
add("ELU", () => new nn.ELU(0.5), [{ shape: [2, 3], domain: away(0) }], none);
add("CELU", () => new nn.CELU(0.5), [{ shape: [2, 3], domain: away(0) }], none);
add("GELU", () => new nn.GELU(), [[2, 3]], none);
add("GELU by tanh", () => new nn.GELU({ approximate: "tanh" }), [[2, 3]], none);
add("Softplus", () => new nn.Softplus({ beta: 2 }), [[2, 3]], none);
add("Hardtanh", () => new nn.Hardtanh(-1, 0.5), [{ shape: [2, 3], domain: away(-1, 0.5) }], none);
add("PReLU", () => new nn.PReLU(3), [{ shape: [2, 3], domain: away(0) }], weight);
add("GLU", () => new nn.GLU(0), [{ shape: [4, 3], batchDim: null }], none);
add("Tanhshrink", () => new nn.Tanhshrink(), [[2, 3]], none);
add("Hardshrink", () => new nn.Hardshrink(), [{ shape: [2, 3], domain: away(-0.5, 0.5) }], none);
add("Softshrink", () => new nn.Softshrink(0.4), [{ shape: [2, 3], domain: away(-0.4, 0.4) }], none);
add("Threshold", () => new nn.Threshold(0.5, 2), [{ shape: [2, 3], domain: away(0.5) }], none);
add("Softmin", () => new nn.Softmin(-1), [[2, 3]], none);
add("Softmax", () => new nn.Softmax(-1), [[2, 3]], none);
add("LogSoftmax", () => new nn.LogSoftmax(1), [[2, 3]], none);
add("Linear", () => new nn.Linear(4, 3), [[2, 4]], both);
add("Linear without bias", () => new nn.Linear(4, 3, { bias: false }), [[2, 2, 4]], weight);
add(
  "Bilinear",
  () => new nn.Bilinear(2, 3, 2),
  [
    [2, 2],
    [2, 3],
  ],
  both,
);
add("Conv1d", () => new nn.Conv1d(2, 4, 3, { stride: 2, padding: 1, groups: 2 }), [[2, 2, 5]], both);
add("Conv2d", () => new nn.Conv2d(1, 2, [2, 3], { padding: [0, 1] }), [[2, 1, 3, 3]], both);
add(
  "Conv2d, circular and without bias",
  () => new nn.Conv2d(1, 2, 3, { padding: "same", paddingMode: "circular", bias: false }),
  [[1, 1, 3, 4]],
  weight,
);
add("ConvTranspose2d", () => new nn.ConvTranspose2d(1, 2, 2, { stride: 2 }), [[2, 1, 2, 2]], both);
add("ConvTranspose1d", () => new nn.ConvTranspose1d(4, 2, 3, { stride: 2, groups: 2 }), [[2, 4, 3]], both);
add("MaxPool1d", () => new nn.MaxPool1d(2), [{ shape: [2, 2, 5], domain: distinct }], none);
add(
  "MaxPool2d",
  () => new nn.MaxPool2d(2, { ceilMode: true }),
  [{ shape: [2, 1, 3, 4], domain: distinct }],
  none,
);
add("AvgPool1d", () => new nn.AvgPool1d(2, { padding: 1 }), [[2, 2, 5]], none);
add("AvgPool2d", () => new nn.AvgPool2d(2, { stride: 1 }), [[2, 1, 3, 4]], none);
add("AdaptiveAvgPool1d", () => new nn.AdaptiveAvgPool1d(3), [[2, 1, 5]], none);
add("AdaptiveMaxPool1d", () => new nn.AdaptiveMaxPool1d(3), [{ shape: [2, 1, 5], domain: distinct }], none);
add(
  "AdaptiveMaxPool2d",
  () => new nn.AdaptiveMaxPool2d([2, 3]),
  [{ shape: [2, 1, 5, 4], domain: distinct }],
  none,
);
add("AdaptiveAvgPool2d", () => new nn.AdaptiveAvgPool2d([2, 3]), [[2, 1, 5, 4]], none);
add("Flatten", () => new nn.Flatten(), [[2, 3, 2]], none);
for (const [name, Pad] of Object.entries({
  CircularPad1d: nn.CircularPad1d,
  ReflectionPad1d: nn.ReflectionPad1d,
  ReplicationPad1d: nn.ReplicationPad1d,
  ZeroPad1d: nn.ZeroPad1d,
}))
  add(name, () => new Pad([1, 2]), [[2, 1, 4]], none);
for (const [name, Pad] of Object.entries({
  CircularPad2d: nn.CircularPad2d,
  ReflectionPad2d: nn.ReflectionPad2d,
  ReplicationPad2d: nn.ReplicationPad2d,
  ZeroPad2d: nn.ZeroPad2d,
}))
  add(name, () => new Pad([1, 2, 0, 1]), [[2, 1, 2, 3]], none);
add("ConstantPad1d", () => new nn.ConstantPad1d([2, -1], 0.5), [[2, 1, 3]], none);
add("ConstantPad2d", () => new nn.ConstantPad2d(1, 0.5), [[2, 1, 2, 3]], none);
add(
  "Upsample",
  () => new nn.Upsample({ size: [3, 5], mode: "bilinear", alignCorners: true }),
  [[2, 1, 2, 3]],
  none,
);
add("PixelShuffle", () => new nn.PixelShuffle(2), [[2, 4, 1, 2]], none);
add("PixelUnshuffle", () => new nn.PixelUnshuffle(2), [[2, 1, 2, 4]], none);
add("Unfold", () => new nn.Unfold(2, { padding: 1, stride: 2 }), [[2, 2, 3, 4]], none);
add("Fold", () => new nn.Fold([3, 4], 2, { stride: [1, 2] }), [[2, 8, 4]], none);
add("Dropout", () => new nn.Dropout(0.4), [[4, 5]], none);
add("Dropout1d", () => new nn.Dropout1d(0.4), [[3, 4, 2]], none);
add("Dropout2d", () => new nn.Dropout2d(0.4), [[3, 4, 2, 2]], none);
add("LayerNorm", () => new nn.LayerNorm(5), [[2, 5]], both);
add("RMSNorm", () => new nn.RMSNorm(5), [[2, 5]], weight);
add("LocalResponseNorm", () => new nn.LocalResponseNorm(3, { alpha: 0.5 }), [[2, 4, 3]], none);
add("InstanceNorm1d", () => new nn.InstanceNorm1d(2), [[2, 2, 4]], none);
add(
  "InstanceNorm1d with statistics",
  () => new nn.InstanceNorm1d(2, { trackRunningStats: true }),
  [[2, 2, 4]],
  { keys: batchNorm.keys.slice(2) },
);
add(
  "InstanceNorm2d with all",
  () => new nn.InstanceNorm2d(2, { affine: true, trackRunningStats: true, momentum: 0.3 }),
  [[2, 2, 2, 3]],
  batchNorm,
);
add("GroupNorm", () => new nn.GroupNorm(2, 4), [[2, 4, 3]], both);
add("BatchNorm1d", () => new nn.BatchNorm1d(2), [[5, 2]], batchNorm);
add(
  "BatchNorm1d with all batches so far",
  () => new nn.BatchNorm1d(2, { momentum: null }),
  [[3, 2, 2]],
  batchNorm,
);
add("BatchNorm2d", () => new nn.BatchNorm2d(2), [[2, 2, 2, 3]], batchNorm);
add(
  "BatchNorm2d without statistics",
  () => new nn.BatchNorm2d(2, { trackRunningStats: false, affine: false }),
  [[2, 2, 2, 3]],
  none,
);
add(
  "Embedding",
  () => new nn.Embedding(5, 3),
  [{ shape: [2, 3], domain: { min: 0, max: 4, whole: true } }],
  weight,
);
add(
  // Its padding has no gradient, unlike its finite differences.
  "Embedding with padding",
  () => new nn.Embedding(5, 2, { paddingIdx: 0 }),
  [{ shape: [3], domain: { min: 1, max: 4, whole: true } }],
  weight,
);
const words: LawInput = { shape: [3, 2], domain: { min: 0, max: 4, whole: true } };
add("EmbeddingBag", () => new nn.EmbeddingBag(5, 3), [words], weight);
add(
  "EmbeddingBag of weighted sums",
  () => new nn.EmbeddingBag(5, 3, { mode: "sum" }),
  [words, { shape: [3, 2] }],
  {
    ...weight,
    call: (bag, index: Tensor, perSampleWeights: Tensor) => bag.forward(index, { perSampleWeights }),
  },
);
add(
  "EmbeddingBag of largest elements, with offsets",
  () => new nn.EmbeddingBag(5, 2, { mode: "max", includeLastOffset: true }),
  [{ ...words, shape: [6], batchDim: null }],
  {
    ...weight,
    call: (bag, index: Tensor) =>
      bag.forward(index, { offsets: tensor([0, 2, 2, 6], { device: index.device }) }),
  },
);

add("Linear with its weight normalised", () => nn.weightNorm(new nn.Linear(3, 2)), [[2, 3]], {
  keys: ["bias", "weight_g", "weight_v"],
});
add(
  "ConvTranspose1d with its weight normalised as a whole",
  () => nn.weightNorm(new nn.ConvTranspose1d(2, 1, 2), "weight", null),
  [[2, 2, 3]],
  { keys: ["bias", "weight_g", "weight_v"] },
);
// Finite differences see the power iteration, which ends at once for a matrix of rank 1.
add("Linear divided by its singular value", () => nn.spectralNorm(new nn.Linear(3, 1)), [[2, 3]], {
  keys: ["bias", "weight_orig", "weight_u", "weight_v"],
});

const cell = (layer: number, suffix = "") =>
  ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => `${name}_l${layer}${suffix}`);
/** A sequence [time, batch, in] and a state [cells, batch, hidden]. */
const sequence: LawInput = { shape: [3, 2, 2], batchDim: 1 };
const state = (cells: number, hidden: number): LawInput => ({ shape: [cells, 2, hidden], batchDim: 1 });

add("RNN", () => new nn.RNN(2, 3), [sequence, state(1, 3)], { keys: cell(0) });
add(
  "GRU, both ways, batch first",
  () => new nn.GRU(2, 2, { bidirectional: true, batchFirst: true }),
  [[2, 3, 2], state(2, 2)],
  { keys: [...cell(0), ...cell(0, "_reverse")] },
);
add("GRU with dropout", () => new nn.GRU(2, 2, { numLayers: 2, dropout: 0.4 }), [sequence], {
  keys: [...cell(0), ...cell(1)],
});
add("LSTM", () => new nn.LSTM(2, 3, { projSize: 2 }), [sequence, state(1, 2), state(1, 3)], {
  keys: [...cell(0), "weight_hr_l0"],
  call: (layer, x: Tensor, h: Tensor, c: Tensor) => layer.forward(x, [h, c]),
});

const attention = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"];
/** A sequence [time, batch, features]. */
const tokens: LawInput = { shape: [3, 2, 4], batchDim: 1 };
const memory: LawInput = { shape: [4, 2, 4], batchDim: 1 };
const hidden: LawInput = { shape: [2, 3], domain: { min: 0, max: 1, whole: true } };

add("MultiheadAttention", () => new nn.MultiheadAttention(4, 2), [tokens, tokens, tokens], {
  keys: attention,
});
add(
  "MultiheadAttention with other sizes and a mask",
  () =>
    new nn.MultiheadAttention(4, 2, { kdim: 2, vdim: 3, batchFirst: true, addBiasKv: true, dropout: 0.2 }),
  [[2, 2, 4], [2, 3, 2], [2, 3, 3], hidden],
  {
    keys: [
      ...["q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias", "bias_k", "bias_v"],
      ...attention.slice(2),
    ],
    call: (layer, q, k, v, keyPaddingMask) => layer.forward(q, k, v, { keyPaddingMask }),
  },
);
add(
  "TransformerEncoderLayer",
  () => new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 3, activation: "gelu" }),
  [tokens],
  {
    keys: [
      ...attention.map((key) => `self_attn.${key}`),
      ...["linear1", "linear2", "norm1", "norm2"].flatMap((part) => [`${part}.weight`, `${part}.bias`]),
    ],
  },
);
const decoderLayer = () =>
  new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 3, activation: "gelu", normFirst: true });
const decoderKeys = [
  ...["self_attn", "multihead_attn"].flatMap((part) => attention.map((key) => `${part}.${key}`)),
  ...["linear1", "linear2", "norm1", "norm2", "norm3"].flatMap((part) => [`${part}.weight`, `${part}.bias`]),
];
add("TransformerDecoderLayer", decoderLayer, [tokens, memory], { keys: decoderKeys });
const encoderLayer = () =>
  new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 3, activation: "gelu", bias: false });
add("TransformerEncoder", () => new nn.TransformerEncoder(encoderLayer, 2), [tokens], {
  keys: [0, 1].flatMap((i) => Object.keys(encoderLayer().stateDict()).map((key) => `layers.${i}.${key}`)),
});
add(
  "TransformerDecoder",
  () => new nn.TransformerDecoder(decoderLayer, 1, { norm: new nn.LayerNorm(4) }),
  [tokens, memory],
  { keys: [...decoderKeys.map((key) => `layers.0.${key}`), "norm.weight", "norm.bias"] },
);
add(
  "Sequential",
  () => new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 2)),
  [[2, 3]],
  {
    keys: ["0.weight", "0.bias", "2.weight", "2.bias"],
  },
);
add("ModuleList", () => new nn.ModuleList([new nn.Linear(3, 3), new nn.Linear(3, 3)]), [[2, 3]], {
  keys: ["0.weight", "0.bias", "1.weight", "1.bias"],
  call: (list, x: Tensor) => [...list].reduce((y, layer) => layer.forward(y).tanh(), x),
});

add(
  "ModuleDict",
  () => new nn.ModuleDict({ second: new nn.Linear(3, 2), first: new nn.Linear(3, 3, { bias: false }) }),
  [[2, 3]],
  {
    keys: ["second.weight", "second.bias", "first.weight"],
    call: (dict, x: Tensor) => dict.get("second").forward(dict.get("first").forward(x).tanh()),
  },
);
add("ParameterList", () => new nn.ParameterList([ones([2]), zeros([2])]), [[3, 2]], {
  keys: ["0", "1"],
  call: (list, x: Tensor) => x.mul(list[0]!).add(list[1]!),
});
add("ParameterDict", () => new nn.ParameterDict({ scale: ones([2]), add: zeros([2]) }), [[3, 2]], {
  keys: ["scale", "add"],
  call: (dict, x: Tensor) => x.mul(dict.get("scale")).add(dict.get("add")),
});

/** Layers of the library, each with the options that change what it computes or keeps. */
export const layerCases: readonly LayerCase[] = cases;
