import { noGrad } from "@thalweg/autograd";
import { type Generator, rand, randn, ShapeError, type Tensor, tensor } from "@thalweg/tensor";
import {
  atLeastZero,
  finite,
  formatShape,
  generatorKind,
  type Kind,
  number,
  oneOf,
  operation,
  optional,
  options,
  type Signature,
  tensorKind,
} from "@thalweg/tensor/internal";

/** Options of functions that draw random numbers. */
export interface InitOptions {
  /** The source of the numbers; the default generator unless given. */
  readonly generator?: Generator;
}

/** Options of {@link uniform_}. */
export interface UniformOptions extends InitOptions {
  /** The least number; 0 unless given. */
  readonly low?: number;
  /** The bound that numbers stay below; 1 unless given. */
  readonly high?: number;
}

/** Options of {@link normal_}. */
export interface NormalOptions extends InitOptions {
  /** 0 unless given. */
  readonly mean?: number;
  /** The standard deviation; 1 unless given. */
  readonly std?: number;
}

/** A tensor and options. */
const filling = (fields: Signature): Signature => ({
  x: tensorKind,
  options: options({ ...fields, generator: generatorKind }),
});

function uniformIn(x: Tensor, low: number, high: number, options: InitOptions): Tensor {
  return noGrad(() =>
    x.copy_(
      rand(x.shape, { ...options, dtype: x.dtype, device: x.device })
        .mul(high - low)
        .add(low),
    ),
  );
}

function normalOf(x: Tensor, mean: number, std: number, options: InitOptions): Tensor {
  return noGrad(() =>
    x.copy_(
      randn(x.shape, { ...options, dtype: x.dtype, device: x.device })
        .mul(std)
        .add(mean),
    ),
  );
}

/** Fills with uniform numbers from `low` to `high`. All functions of `init` write in place and return the tensor. */
export const uniform_: (x: Tensor, options?: UniformOptions) => Tensor = /* @__PURE__ */ operation(
  "uniform_",
  /* @__PURE__ */ filling({ low: finite, high: finite }),
  (x: Tensor, { low = 0, high = 1, ...others }: UniformOptions = {}) => uniformIn(x, low, high, others),
);

/** Fills with normal numbers. */
export const normal_: (x: Tensor, options?: NormalOptions) => Tensor = /* @__PURE__ */ operation(
  "normal_",
  /* @__PURE__ */ filling({ mean: finite, std: atLeastZero }),
  (x: Tensor, { mean = 0, std = 1, ...others }: NormalOptions = {}) => normalOf(x, mean, std, others),
);

/** Fills with one value. */
export const constant_: (x: Tensor, value: number) => Tensor = /* @__PURE__ */ operation(
  "constant_",
  { x: tensorKind, value: number },
  (x: Tensor, value: number) => noGrad(() => x.fill_(value)),
);

const alone = { x: tensorKind };

/** Fills with 0. */
export const zeros_: (x: Tensor) => Tensor = /* @__PURE__ */ operation("zeros_", alone, (x: Tensor) =>
  constant_(x, 0),
);

/** Fills with 1. */
export const ones_: (x: Tensor) => Tensor = /* @__PURE__ */ operation("ones_", alone, (x: Tensor) =>
  constant_(x, 1),
);

/** Numbers of inputs and outputs of one unit. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Numbers of inputs and outputs of one unit: [out, in, ...kernel]. */
export const fans: (x: Tensor) => Fans = /* @__PURE__ */ operation("fans", alone, (x: Tensor): Fans => {
  if (x.ndim < 2) {
    throw new ShapeError(
      "fans",
      `a vector has no number of inputs, shape ${formatShape(x.shape)}`,
      "initialise biases with uniform_ or zeros_",
      [x.shape],
    );
  }
  const field = x.shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: x.shape[1]! * field, fanOut: x.shape[0]! * field };
});

/** An activation, by whose effect on the variance a standard deviation is scaled. */
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

const nonlinearity: Kind = /* @__PURE__ */ oneOf("linear", "sigmoid", "tanh", "relu", "leakyRelu", "selu");

/** Recommended gain of an activation; `param` is the slope of leakyRelu, 0.01 unless given. */
export const calculateGain: (nonlinearity: Nonlinearity, param?: number) => number =
  /* @__PURE__ */ operation(
    "calculateGain",
    { nonlinearity, param: /* @__PURE__ */ optional(finite) },
    (name: Nonlinearity, param = 0.01) => {
      const leakyRelu = Math.sqrt(2 / (1 + param ** 2));
      return { linear: 1, sigmoid: 1, tanh: 5 / 3, relu: Math.SQRT2, leakyRelu, selu: 3 / 4 }[name];
    },
  );

/** Options of {@link xavierUniform_}, {@link xavierNormal_} and {@link orthogonal_}. */
export interface XavierOptions extends InitOptions {
  /** Multiplies all numbers; 1 unless given. */
  readonly gain?: number;
}

const ofXavier = /* @__PURE__ */ filling({ gain: finite });

/** Uniform in ±gain·√(6/(fanIn + fanOut)) (Glorot and Bengio, 2010). */
export const xavierUniform_: (x: Tensor, options?: XavierOptions) => Tensor = /* @__PURE__ */ operation(
  "xavierUniform_",
  ofXavier,
  (x: Tensor, { gain = 1, ...others }: XavierOptions = {}) => {
    const { fanIn, fanOut } = fans(x);
    const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
    return uniformIn(x, -bound, bound, others);
  },
);

/** Normal with deviation gain·√(2/(fanIn + fanOut)) (Glorot and Bengio, 2010). */
export const xavierNormal_: (x: Tensor, options?: XavierOptions) => Tensor = /* @__PURE__ */ operation(
  "xavierNormal_",
  ofXavier,
  (x: Tensor, { gain = 1, ...others }: XavierOptions = {}) => {
    const { fanIn, fanOut } = fans(x);
    return normalOf(x, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), others);
  },
);

/** Options of {@link kaimingUniform_} and {@link kaimingNormal_}. */
export interface KaimingOptions extends InitOptions {
  /** Slope of the leakyRelu that follows; 0 unless given. */
  readonly a?: number;
  /** Whether the variance is kept forwards or backwards; `"fanIn"` unless given. */
  readonly mode?: "fanIn" | "fanOut";
  /** The activation that follows; `"leakyRelu"` unless given. */
  readonly nonlinearity?: Nonlinearity;
}

const ofKaiming = /* @__PURE__ */ filling({
  a: finite,
  mode: /* @__PURE__ */ oneOf("fanIn", "fanOut"),
  nonlinearity,
});

function kaimingStd(
  x: Tensor,
  { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" }: KaimingOptions,
): number {
  return calculateGain(nonlinearity, a) / Math.sqrt(fans(x)[mode]);
}

/** Uniform in ±gain·√(3/fan) (He et al., 2015). */
export const kaimingUniform_: (x: Tensor, options?: KaimingOptions) => Tensor = /* @__PURE__ */ operation(
  "kaimingUniform_",
  ofKaiming,
  (x: Tensor, { generator, ...others }: KaimingOptions = {}) => {
    const bound = Math.sqrt(3) * kaimingStd(x, others);
    return uniformIn(x, -bound, bound, drawnFrom(generator));
  },
);

/** Normal with deviation gain/√fan (He et al., 2015). */
export const kaimingNormal_: (x: Tensor, options?: KaimingOptions) => Tensor = /* @__PURE__ */ operation(
  "kaimingNormal_",
  ofKaiming,
  (x: Tensor, { generator, ...others }: KaimingOptions = {}) =>
    normalOf(x, 0, kaimingStd(x, others), drawnFrom(generator)),
);

/** The generator alone: options of other functions would be refused. */
const drawnFrom = (generator: Generator | undefined): InitOptions =>
  generator === undefined ? {} : { generator };

/**
 * Orthonormal rows or columns, whichever are fewer, of the matrix [first dim, rest], times `gain` (Saxe et al.,
 * 2013).
 */
export const orthogonal_: (x: Tensor, options?: XavierOptions) => Tensor = /* @__PURE__ */ operation(
  "orthogonal_",
  ofXavier,
  orthogonal,
);

function orthogonal(x: Tensor, { gain = 1, ...options }: XavierOptions = {}): Tensor {
  fans(x);
  const rows = x.shape[0]!;
  const columns = x.size / Math.max(1, rows);
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const random = randn([count, length], { ...options, dtype: "float64", device: "cpu" }).dataSync();
  const lines = Array.from({ length: count }, (_, i) =>
    Float64Array.from(random.subarray(i * length, (i + 1) * length)),
  );
  orthonormalise(lines);
  return noGrad(() => {
    const flat = Float64Array.from({ length: x.size }, (_, p) => {
      const [i, j] = [Math.floor(p / columns), p % columns];
      return gain * (rows <= columns ? lines[i]![j]! : lines[j]![i]!);
    });
    return x.copy_(tensor(flat, { shape: x.shape, dtype: x.dtype, device: x.device }));
  });
}

/** Gram and Schmidt, twice over, which is as exact as it gets (Giraud et al., 2005). */
function orthonormalise(lines: readonly Float64Array[]): void {
  lines.forEach((line, i) => {
    for (let pass = 0; pass < 2; pass++) {
      for (const other of lines.slice(0, i)) {
        const overlap = line.reduce((sum, v, k) => sum + v * other[k]!, 0);
        for (let k = 0; k < line.length; k++) line[k]! -= overlap * other[k]!;
      }
    }
    const norm = Math.hypot(...line);
    for (let k = 0; k < line.length; k++) line[k]! /= norm;
  });
}
