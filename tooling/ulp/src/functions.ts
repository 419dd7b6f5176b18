import * as T from "@thalweg/tensor";
import { type Tensor, tensor } from "@thalweg/tensor";

type Reference = (inputs: readonly Float32Array[]) => ArrayLike<number>;

/** A function of the library, and its definition in float64. */
export interface Measured {
  readonly name: string;
  readonly arity: 1 | 2;
  readonly compute: (...inputs: Tensor[]) => Tensor;
  readonly reference: Reference;
}

const inMath = [
  ...["exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan"],
  ...["asin", "acos", "atan", "sinh", "cosh", "tanh"],
] as const;

const library = T as unknown as Record<string, (...inputs: Tensor[]) => Tensor>;

function unary(name: string, f: (x: number) => number): Measured {
  const results = new Float64Array(2 ** 20);
  const reference: Reference = ([x]) => {
    for (let i = 0; i < x!.length; i++) results[i] = f(x![i]!);
    return results;
  };
  return { name, arity: 1, compute: library[name]!, reference };
}

function binary(name: string, f: (x: number, y: number) => number): Measured {
  const reference: Reference = ([x, y]) => Float64Array.from(x!, (a, i) => f(a, y![i]!));
  return { name, arity: 2, compute: library[name]!, reference };
}

/** By the library's own kernel of float64, where JavaScript has no such function. */
const erf: Measured = {
  name: "erf",
  arity: 1,
  compute: T.erf,
  reference: ([x]) => T.erf(tensor(x!, { dtype: "float64" })).dataSync(),
};

export const functions: readonly Measured[] = [
  ...inMath.map((name) => unary(name, (Math as unknown as Record<string, (x: number) => number>)[name]!)),
  unary("sigmoid", (x) => 1 / (1 + Math.exp(-x))),
  erf,
  binary("pow", (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y)),
  binary("atan2", Math.atan2),
];
