import * as T from "@thalweg/tensor";
import { type Expr, pointwise, type Tensor, tensor } from "@thalweg/tensor";

import { normal, sigmoidSlope, softplus } from "./derivatives";

type Reference = (inputs: readonly Float32Array[]) => ArrayLike<number>;

/** A function of the library, and its definition in float64. */
export interface Measured {
  readonly name: string;
  readonly arity: 1 | 2 | 3;
  readonly compute: (...inputs: Tensor[]) => Tensor;
  readonly reference: Reference;
  /** The promised limit of the error, in units in the last place. */
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

/** Scalar functions that are one rounded or exact operation, or only a part of others. */
function primitive(name: string, bound: number, f: (...args: number[]) => number): Measured {
  const arity = f.length as 1 | 2 | 3;
  const apply = (...args: Expr[]): Expr => {
    const [x, ...rest] = args as [Expr, ...Expr[]];
    return (x as unknown as Record<string, (...rest: Expr[]) => Expr>)[name]!(...rest);
  };
  // `pointwise` counts the parameters of its function.
  const lambda = [
    (a: Expr) => apply(a),
    (a: Expr, b: Expr) => apply(a, b),
    (a: Expr, b: Expr, c: Expr) => apply(a, b, c),
  ];
  const compute = pointwise(name, lambda[arity - 1] as (a: Expr) => Expr) as Measured["compute"];
  const reference: Reference = ([x, ...rest]) =>
    Float64Array.from(x!, (a, i) => f(a, ...rest.map((y) => y[i]!)));
  return { name, arity, compute, reference, bound };
}

/** Rounds to the nearest integer, ties to even. */
function roundHalfEven(x: number): number {
  const [below, rest] = [Math.floor(x), x - Math.floor(x)];
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return up ? Math.ceil(x) : below;
}

/** The remainder with the sign of the divisor. */
function remainder(x: number, y: number): number {
  const rest = x % y;
  return rest * y < 0 ? rest + y : rest;
}

/** Computes with the library's own float64 kernel, where JavaScript has no such function. */
const erf: Measured = {
  name: "erf",
  arity: 1,
  compute: T.erf,
  reference: ([x]) => T.erf(tensor(x!, { dtype: "float64" })).dataSync(),
  bound: 0.51,
};

/** As in C, but not in JavaScript, 1 to any power is 1, and so is -1 to an infinite power. */
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
  primitive("sigmoidSlope", 0.56, sigmoidSlope),
  primitive("softplus", 0.56, softplus),
  primitive("ndtr", 0.65, normal),
  primitive("sqrt", 0.5, (x) => Math.sqrt(x)),
  primitive("add", 0.5, (x, y) => x + y),
  primitive("sub", 0.5, (x, y) => x - y),
  primitive("mul", 0.5, (x, y) => x * y),
  primitive("div", 0.5, (x, y) => x / y),
  primitive("remainder", 0.5, remainder),
  primitive("neg", 0.5, (x) => -x),
  primitive("abs", 0.5, (x) => Math.abs(x)),
  primitive("sign", 0.5, (x) => (Number.isNaN(x) ? 0 : Math.sign(x) + 0)),
  primitive("floor", 0.5, (x) => Math.floor(x)),
  primitive("ceil", 0.5, (x) => Math.ceil(x)),
  primitive("trunc", 0.5, (x) => Math.trunc(x)),
  primitive("round", 0.5, roundHalfEven),
  primitive("maximum", 0.5, (x, y) => Math.max(x, y)),
  primitive("minimum", 0.5, (x, y) => Math.min(x, y)),
  primitive("eq", 0.5, (x, y) => Number(x === y)),
  primitive("ne", 0.5, (x, y) => Number(x !== y)),
  primitive("lt", 0.5, (x, y) => Number(x < y)),
  primitive("le", 0.5, (x, y) => Number(x <= y)),
  primitive("gt", 0.5, (x, y) => Number(x > y)),
  primitive("ge", 0.5, (x, y) => Number(x >= y)),
  primitive("choose", 0.5, (c, x, y) => (c !== 0 ? x : y)),
];
