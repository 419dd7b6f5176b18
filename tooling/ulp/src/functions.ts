import * as T from "@thalweg/tensor";
import { type Tensor, tensor } from "@thalweg/tensor";

type Reference = (inputs: readonly Float32Array[]) => ArrayLike<number>;

/** A function of the library, and its definition in float64. */
export interface Measured {
  readonly name: string;
  readonly arity: 1 | 2;
  readonly compute: (...inputs: Tensor[]) => Tensor;
  readonly reference: Reference;
  /** The largest error that is promised, in units in the last place. */
  readonly bound: number;
}

const library = T as unknown as Record<string, (...inputs: Tensor[]) => Tensor>;

function unary(name: string, bound: number, f: (x: number) => number): Measured {
  const reference: Reference = ([x]) => {
    const y = new Float64Array(x!.length);
    for (let i = 0; i < y.length; i++) y[i] = f(x![i]!);
    return y;
  };
  return { name, arity: 1, compute: library[name]!, reference, bound };
}

function binary(name: string, bound: number, f: (x: number, y: number) => number): Measured {
  const reference: Reference = ([x, y]) => Float64Array.from(x!, (a, i) => f(a, y![i]!));
  return { name, arity: 2, compute: library[name]!, reference, bound };
}

/** By the library's own kernel of float64, where JavaScript has no such function. */
const erf: Measured = {
  name: "erf",
  arity: 1,
  compute: T.erf,
  reference: ([x]) => T.erf(tensor(x!, { dtype: "float64" })).dataSync(),
  bound: 0.51,
};

/** As in C, unlike in JavaScript, 1 to any power is 1, and so is -1 to an infinite one. */
function pow(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;
}

export const functions: readonly Measured[] = [
  unary("exp", 1.02, Math.exp),
  unary("expm1", 0.72, Math.expm1),
  unary("log", 0.52, Math.log),
  unary("log1p", 0.52, Math.log1p),
  unary("log2", 0.52, Math.log2),
  unary("log10", 0.52, Math.log10),
  unary("sin", 0.51, Math.sin),
  unary("cos", 0.51, Math.cos),
  unary("tan", 0.51, Math.tan),
  unary("asin", 0.51, Math.asin),
  unary("acos", 0.51, Math.acos),
  unary("atan", 0.51, Math.atan),
  unary("sinh", 0.72, Math.sinh),
  unary("cosh", 0.56, Math.cosh),
  unary("tanh", 0.72, Math.tanh),
  unary("sigmoid", 0.56, (x) => 1 / (1 + Math.exp(-x))),
  erf,
  binary("pow", 0.56, pow),
  binary("atan2", 0.51, Math.atan2),
];
