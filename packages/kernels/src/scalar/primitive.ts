import type { Expr } from "./expr";

/**
 * One scalar function of the vocabulary that every kernel is generated from. Each backend has a table of how the
 * functions are written in its language. Value and derivative are the same everywhere.
 */
export interface Primitive {
  readonly name: string;
  readonly arity: number;
  /** The definition, in float64. */
  readonly evaluate: (...args: number[]) => number;
  /** JavaScript source, for functions that `lower` leaves in place; `h` is the object of {@link helpers}. */
  readonly js: (...args: string[]) => string;
  /** Whether float32 arguments give a float32 result without rounding. */
  readonly exact: boolean;
  /** The contribution to the gradient of each argument, from the gradient `g` of the result `y`. Null is an exact zero. */
  readonly derivative: (g: Expr, y: Expr, args: readonly Expr[]) => readonly (Expr | null)[];
  /** The result is 0 or 1 and has no gradient at all. */
  readonly predicate: boolean;
  /** The result is a float64 that is not rounded; see `machine.ts`. False unless given. */
  readonly wide?: boolean;
  /** Which arguments are float64; none unless given. */
  readonly wideArgs?: readonly boolean[];
  /** The result is an int32; see `machine.ts`. False unless given. */
  readonly int?: boolean;
}

/** Functions of one argument. */
export type UnaryPrimitive =
  | "neg"
  | "abs"
  | "sign"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "log2"
  | "log10"
  | "sqrt"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "erf"
  | "sigmoid"
  | "sigmoidSlope"
  | "softplus"
  | "ndtr"
  | "floor"
  | "ceil"
  | "trunc"
  | "round";

/** Functions of two arguments. */
export type BinaryPrimitive =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "atan2"
  | "pow"
  | "remainder"
  | "maximum"
  | "minimum"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge";

type Options = Partial<Pick<Primitive, "js" | "exact" | "predicate">>;

function primitive(
  name: string,
  evaluate: Primitive["evaluate"],
  derivative: Primitive["derivative"],
  options: Options = {},
): Primitive {
  return {
    name,
    arity: evaluate.length,
    evaluate,
    js: (...args) => `Math.${name}(${args.join(",")})`,
    exact: false,
    predicate: false,
    derivative,
    ...options,
  };
}

const zero = (): (Expr | null)[] => [null, null, null];

/** Functions that `Math` lacks, under the names by which generated kernels call them. */
export const helpers: Readonly<Record<string, (...args: number[]) => number>> = { remainder, roundHalfEven };

const bell = (x: number) => Math.exp(-x * x) / Math.sqrt(Math.PI);

/** A series without negative terms for small arguments, 1 minus the tail for others. */
function erf(x: number): number {
  if (!(Math.abs(x) < 2)) return x < 0 ? erfc(-x) - 1 : 1 - erfc(x);
  // DLMF 7.6.2: erf x = 2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return 2 * bell(x) * sum;
}

/** 1 - erf x, by a continued fraction (DLMF 7.9.3) where it is small. */
function erfc(x: number): number {
  if (x < 2) return 1 - erf(x);
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction;
  return bell(x) / fraction;
}

/** The remainder with the sign of the divisor. */
function remainder(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** Rounds to the nearest integer, halves to the even one. A result of zero has the sign of x. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? Math.ceil(x) : floor;
}

/** As in C and PyTorch, 1 to any power is 1, and so is -1 to an infinite power. In JavaScript both may be NaN. */
function pow(a: number, b: number): number {
  if (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY)) return 1;
  return a ** b;
}

const infix = (operator: string) => (a: string, b: string) => `(${a}${operator}${b})`;
const call = (name: string) => ({ js: (...args: string[]) => `h.${name}(${args.join(",")})` });

function comparison(name: string, operator: string, evaluate: (a: number, b: number) => boolean): Primitive {
  return primitive(name, (a: number, b: number) => (evaluate(a, b) ? 1 : 0), zero, {
    js: (a, b) => `(${a}${operator}${b}?1:0)`,
    exact: true,
    predicate: true,
  });
}

const exact = { exact: true } as const;

/** The whole vocabulary. Derivatives are those of calculus unless a comment says otherwise. */
export const primitives: Readonly<Record<UnaryPrimitive | BinaryPrimitive | "choose", Primitive>> = {
  add: primitive(
    "add",
    (a, b) => a + b,
    (g) => [g, g],
    { js: infix("+") },
  ),
  sub: primitive(
    "sub",
    (a, b) => a - b,
    (g) => [g, g.neg()],
    { js: infix("-") },
  ),
  mul: primitive(
    "mul",
    (a, b) => a * b,
    (g, _, [a, b]) => [g.mul(b!), g.mul(a!)],
    { js: infix("*") },
  ),
  // (a/b)' = (a' - y b') / b
  div: primitive(
    "div",
    (a, b) => a / b,
    (g, y, [, b]) => [g.div(b!), g.mul(y).div(b!).neg()],
    {
      js: infix("/"),
    },
  ),
  neg: primitive(
    "neg",
    (a) => -a,
    (g) => [g.neg()],
    { js: (a) => `(-${a})`, ...exact },
  ),
  // abs'(0) = 0
  abs: primitive(
    "abs",
    (a) => Math.abs(a),
    (g, _, [a]) => [g.mul(a!.sign())],
    exact,
  ),
  // As in PyTorch, the sign of NaN is 0.
  sign: primitive("sign", (a) => (a > 0 ? 1 : a < 0 ? -1 : 0), zero, exact),
  exp: primitive(
    "exp",
    (a) => Math.exp(a),
    (g, y) => [g.mul(y)],
  ),
  expm1: primitive(
    "expm1",
    (a) => Math.expm1(a),
    // Not y + 1, which cancels where y is near -1.
    (g, _, [a]) => [g.mul(a!.exp())],
  ),
  log: primitive(
    "log",
    (a) => Math.log(a),
    (g, _, [a]) => [g.div(a!)],
  ),
  log1p: primitive(
    "log1p",
    (a) => Math.log1p(a),
    (g, _, [a]) => [g.div(a!.add(1))],
  ),
  log2: primitive(
    "log2",
    (a) => Math.log2(a),
    (g, _, [a]) => [g.mul(Math.LOG2E).div(a!)],
  ),
  log10: primitive(
    "log10",
    (a) => Math.log10(a),
    (g, _, [a]) => [g.mul(Math.LOG10E).div(a!)],
  ),
  sqrt: primitive(
    "sqrt",
    (a) => Math.sqrt(a),
    (g, y) => [g.div(y.mul(2))],
  ),
  sin: primitive(
    "sin",
    (a) => Math.sin(a),
    (g, _, [a]) => [g.mul(a!.cos())],
  ),
  cos: primitive(
    "cos",
    (a) => Math.cos(a),
    (g, _, [a]) => [g.mul(a!.sin()).neg()],
  ),
  tan: primitive(
    "tan",
    (a) => Math.tan(a),
    (g, y) => [g.mul(y.mul(y).add(1))],
  ),
  asin: primitive(
    "asin",
    (a) => Math.asin(a),
    (g, _, [a]) => [g.div(cathetus(a!))],
  ),
  acos: primitive(
    "acos",
    (a) => Math.acos(a),
    (g, _, [a]) => [g.div(cathetus(a!)).neg()],
  ),
  atan: primitive(
    "atan",
    (a) => Math.atan(a),
    (g, _, [a]) => [turn(g, a!, a!.pool.constant(1))[0]],
  ),
  atan2: primitive(
    "atan2",
    (a, b) => Math.atan2(a, b),
    (g, _, [a, b]) => turn(g, a!, b!),
  ),
  sinh: primitive(
    "sinh",
    (a) => Math.sinh(a),
    (g, _, [a]) => [g.mul(a!.cosh())],
  ),
  cosh: primitive(
    "cosh",
    (a) => Math.cosh(a),
    (g, _, [a]) => [g.mul(a!.sinh())],
  ),
  tanh: primitive(
    "tanh",
    (a) => Math.tanh(a),
    // Not 1 - y², which cancels where y is near ±1.
    (g, _, [a]) => [g.mul(a!.mul(2).sigmoidSlope().mul(4))],
  ),
  erf: primitive(
    "erf",
    (a) => erf(a),
    (g, _, [a]) => [
      g.mul(
        a!
          .mul(a!)
          .neg()
          .exp()
          .mul(2 / Math.sqrt(Math.PI)),
      ),
    ],
  ),
  sigmoid: primitive(
    "sigmoid",
    (a) => 1 / (1 + Math.exp(-a)),
    (g, _, [a]) => [g.mul(a!.sigmoidSlope())],
  ),
  // The derivative of the sigmoid, exact also where the sigmoid rounds to 1.
  sigmoidSlope: primitive(
    "sigmoidSlope",
    (a) => {
      const e = Math.exp(-Math.abs(a));
      return e / (1 + e) ** 2;
    },
    (g, y, [a]) => [g.mul(y).mul(a!.mul(0.5).tanh()).neg()],
  ),
  // log(1 + eˣ)
  softplus: primitive(
    "softplus",
    (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
    (g, _, [a]) => [g.mul(a!.sigmoid())],
  ),
  // The probability that a standard normal variable is below a.
  ndtr: primitive(
    "ndtr",
    (a) => erfc(-a * Math.SQRT1_2) / 2,
    (g, _, [a]) => [
      g.mul(
        a!
          .mul(a!)
          .mul(-0.5)
          .exp()
          .mul(Math.sqrt(0.5 / Math.PI)),
      ),
    ],
  ),
  pow: primitive(
    "pow",
    (a, b) => pow(a, b),
    (g, y, [a, b]) => [
      // b a^(b-1), and 0 for b = 0 also where a^(b-1) is infinite
      where(b!.eq(0), 0, g.mul(b!.mul(a!.pow(b!.sub(1))))),
      // y log a, and 0 at a = 0 where log a is not finite
      where(a!.eq(0).mul(b!.ge(0)), 0, g.mul(y.mul(a!.log()))),
    ],
  ),
  // a - b floor(a/b)
  remainder: primitive(
    "remainder",
    (a, b) => remainder(a, b),
    // The quotient is computed from the result, as a/b - y/b, because a/b alone may round up to a whole number. It is -1
    // where the result is b itself, which happens for an infinite b or a tiny a.
    (g, y, [a, b]) => [g, g.mul(where(y.eq(b!), -1, a!.div(b!).sub(y.div(b!)).round())).neg()],
    call("remainder"),
  ),
  /** The gradient goes to the extreme elements. Ties share it evenly. */
  maximum: primitive(
    "maximum",
    (a, b) => Math.max(a, b),
    (g, _, [a, b]) => {
      const half = where(a!.eq(b!), g.mul(0.5), g);
      return [where(a!.lt(b!), 0, half), where(b!.lt(a!), 0, half)];
    },
    { js: (a, b) => `Math.max(${a},${b})`, ...exact },
  ),
  minimum: primitive(
    "minimum",
    (a, b) => Math.min(a, b),
    (g, _, [a, b]) => {
      const half = where(a!.eq(b!), g.mul(0.5), g);
      return [where(a!.gt(b!), 0, half), where(b!.gt(a!), 0, half)];
    },
    { js: (a, b) => `Math.min(${a},${b})`, ...exact },
  ),
  floor: primitive("floor", (a) => Math.floor(a), zero, exact),
  ceil: primitive("ceil", (a) => Math.ceil(a), zero, exact),
  trunc: primitive("trunc", (a) => Math.trunc(a), zero, exact),
  round: primitive("round", (a) => roundHalfEven(a), zero, { ...call("roundHalfEven"), ...exact }),
  eq: comparison("eq", "===", (a, b) => a === b),
  ne: comparison("ne", "!==", (a, b) => a !== b),
  lt: comparison("lt", "<", (a, b) => a < b),
  le: comparison("le", "<=", (a, b) => a <= b),
  gt: comparison("gt", ">", (a, b) => a > b),
  ge: comparison("ge", ">=", (a, b) => a >= b),
  // `derive` differentiates this itself, branch by branch.
  choose: primitive("choose", (c, a, b) => (c !== 0 ? a : b), zero, {
    js: (c, a, b) => `(${c}!==0?${a}:${b})`,
    ...exact,
  }),
};

function where(condition: Expr, a: Expr | number, b: Expr | number): Expr {
  return condition.choose(a, b);
}

/**
 * √(1 - x²), from the factors 1 - x and x + 1 where ½ < |x| < 1. Derivatives of that form would cancel near 0 and be
 * NaN at ±1.
 */
function cathetus(x: Expr): Expr {
  const isOuter = x.abs().sub(0.75).abs().lt(0.25);
  return where(isOuter, x.rsub(1).mul(x.add(1)), x.mul(x).rsub(1)).sqrt();
}

/** g b / (a² + b²) and -g a / (a² + b²), by the ratio of the smaller argument to the larger, because squares overflow. */
function turn(g: Expr, a: Expr, b: Expr): [Expr, Expr] {
  const isSteep = a.abs().gt(b.abs());
  const [large, small] = [isSteep.choose(a, b), isSteep.choose(b, a)];
  const ratio = small.div(large);
  const one = g.div(ratio.mul(small).add(large));
  const other = one.mul(ratio);
  return [isSteep.choose(other, one), isSteep.choose(one, other).neg()];
}
