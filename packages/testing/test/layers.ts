import type { Module } from "@thalweg/nn";
import * as nn from "@thalweg/nn";
import type { Tensor } from "@thalweg/tensor";
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
add("MaxPool1d", () => new nn.MaxPool1d(2), [{ shape: [2, 2, 5], domain: distinct }], none);
add(
  "MaxPool2d",
  () => new nn.MaxPool2d(2, { ceilMode: true }),
  [{ shape: [2, 1, 3, 4], domain: distinct }],
  none,
);
add("AvgPool1d", () => new nn.AvgPool1d(2, { padding: 1 }), [[2, 2, 5]], none);
add("AvgPool2d", () => new nn.AvgPool2d(2, { stride: 1 }), [[2, 1, 3, 4]], none);
add("AdaptiveAvgPool2d", () => new nn.AdaptiveAvgPool2d([2, 3]), [[2, 1, 5, 4]], none);
add("Flatten", () => new nn.Flatten(), [[2, 3, 2]], none);
add("Dropout", () => new nn.Dropout(0.4), [[4, 5]], none);
add("LayerNorm", () => new nn.LayerNorm(5), [[2, 5]], both);
add("RMSNorm", () => new nn.RMSNorm(5), [[2, 5]], weight);
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

/** Layers of the library, each with the options that change what it computes or keeps. */
export const layerCases: readonly LayerCase[] = cases;
