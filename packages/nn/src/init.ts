import { noGrad } from "@thalweg/autograd";
import { type Generator, rand, randn, ShapeError, type Tensor, ThalwegError, tensor } from "@thalweg/tensor";
import { formatShape } from "@thalweg/tensor/internal";

export interface InitOptions {
  /** Where the numbers come from; the default generator unless given. */
  readonly generator?: Generator;
}

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

/** Fills with uniform numbers from `low` to `high`. All of these write in place and return the tensor. */
export function uniform_(
  x: Tensor,
  { low = 0, high = 1, ...options }: InitOptions & { low?: number; high?: number } = {},
): Tensor {
  return uniformIn(x, low, high, options);
}

/** Fills with normal numbers. */
export function normal_(
  x: Tensor,
  { mean = 0, std = 1, ...options }: InitOptions & { mean?: number; std?: number } = {},
): Tensor {
  return normalOf(x, mean, std, options);
}

/** Fills with one value. */
export function constant_(x: Tensor, value: number): Tensor {
  return noGrad(() => x.fill_(value));
}

export function zeros_(x: Tensor): Tensor {
  return constant_(x, 0);
}

export function ones_(x: Tensor): Tensor {
  return constant_(x, 1);
}

/** Numbers of inputs and outputs of one unit: [out, in, ...kernel]. */
export function fans(x: Tensor): { fanIn: number; fanOut: number } {
  if (x.ndim < 2) {
    throw new ShapeError(
      "init",
      `a vector has no number of inputs, shape ${formatShape(x.shape)}`,
      "initialise biases with uniform_ or zeros_",
      [x.shape],
    );
  }
  const field = x.shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: x.shape[1]! * field, fanOut: x.shape[0]! * field };
}

/** What an activation does to the variance, as a factor of the standard deviation. */
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/** Recommended gain of an activation; `param` is the slope of leakyRelu. */
export function calculateGain(nonlinearity: Nonlinearity, param = 0.01): number {
  switch (nonlinearity) {
    case "linear":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + param ** 2));
    case "selu":
      return 3 / 4;
    default:
      throw new ThalwegError(
        "init",
        `there is no gain for "${nonlinearity}"`,
        "use one of the names in Nonlinearity",
      );
  }
}

export interface XavierOptions extends InitOptions {
  readonly gain?: number;
}

/** Uniform in ±gain·√(6/(fanIn + fanOut)) (Glorot and Bengio, 2010). */
export function xavierUniform_(x: Tensor, { gain = 1, ...options }: XavierOptions = {}): Tensor {
  const { fanIn, fanOut } = fans(x);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniformIn(x, -bound, bound, options);
}

/** Normal with deviation gain·√(2/(fanIn + fanOut)) (Glorot and Bengio, 2010). */
export function xavierNormal_(x: Tensor, { gain = 1, ...options }: XavierOptions = {}): Tensor {
  const { fanIn, fanOut } = fans(x);
  return normalOf(x, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), options);
}

export interface KaimingOptions extends InitOptions {
  /** Slope of the leakyRelu that follows; 0 unless given. */
  readonly a?: number;
  readonly mode?: "fanIn" | "fanOut";
  readonly nonlinearity?: Nonlinearity;
}

function kaimingStd(
  x: Tensor,
  { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" }: KaimingOptions,
): number {
  return calculateGain(nonlinearity, a) / Math.sqrt(fans(x)[mode]);
}

/** Uniform in ±gain·√(3/fan) (He et al., 2015). */
export function kaimingUniform_(x: Tensor, options: KaimingOptions = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingStd(x, options);
  return uniformIn(x, -bound, bound, options);
}

/** Normal with deviation gain/√fan (He et al., 2015). */
export function kaimingNormal_(x: Tensor, options: KaimingOptions = {}): Tensor {
  return normalOf(x, 0, kaimingStd(x, options), options);
}

/** Orthonormal rows or columns, whichever are fewer, of the matrix [first dim, rest], times `gain` (Saxe et al., 2013). */
export function orthogonal_(x: Tensor, { gain = 1, ...options }: XavierOptions = {}): Tensor {
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
