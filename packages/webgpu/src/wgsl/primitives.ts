import type { BinaryPrimitive, MachineName, UnaryPrimitive } from "@thalweg/kernels";

type Write = (...args: string[]) => string;

const call = (name: string): Write => {
  return (...args) => `${name}(${args.join(", ")})`;
};
const infix = (operator: string): Write => {
  return (a, b) => `(${a} ${operator} ${b})`;
};
/** A comparison that is false if either side is NaN. It is a `bool`. */
const ordered = (operator: string): Write => {
  return (a, b) => `(${a} ${operator} ${b} && ordered_(${a}, ${b}))`;
};

/** WGSL of each scalar function. Predicates are a `bool`, the others an `f32`. */
export const wgsl: Readonly<Record<UnaryPrimitive | BinaryPrimitive, Write>> = {
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  div: infix("/"),
  neg: (a) => `(-${a})`,
  abs: call("abs"),
  sign: call("sign_"),
  exp: call("exp_"),
  expm1: call("expm1_"),
  log: call("log_"),
  log1p: call("log1p_"),
  log2: call("log2_"),
  log10: call("log10_"),
  sqrt: call("sqrt_"),
  sin: call("sin_"),
  cos: call("cos_"),
  tan: call("tan_"),
  asin: call("asin_"),
  acos: call("acos_"),
  atan: call("atan_"),
  atan2: call("atan2_"),
  sinh: call("sinh_"),
  cosh: call("cosh_"),
  tanh: call("tanh_"),
  erf: call("erf_"),
  sigmoid: call("sigmoid_"),
  sigmoidSlope: call("sigmoidSlope_"),
  softplus: call("softplus_"),
  ndtr: call("ndtr_"),
  floor: call("floor"),
  ceil: call("ceil"),
  trunc: call("trunc"),
  round: call("round"),
  pow: call("pow_"),
  remainder: call("remainder_"),
  maximum: call("maximum_"),
  minimum: call("minimum_"),
  eq: ordered("=="),
  ne: (a, b) => `(${a} != ${b} || !ordered_(${a}, ${b}))`,
  lt: ordered("<"),
  le: ordered("<="),
  gt: ordered(">"),
  ge: ordered(">="),
};

type IntegerName = Extract<MachineName, `int${string}` | "toFloat" | "toInt" | "conditionToInt">;

/** WGSL of `settle`; every kernel that calls it defines it. */
export const settledValue: Write = call("settled_");

/** WGSL of the functions of ints. The argument of `conditionToInt` is a `bool`. */
export const integers: Readonly<Record<IntegerName, Write>> = {
  intAdd: infix("+"),
  intSub: infix("-"),
  intMul: infix("*"),
  intRemainder: call("intRemainder_"),
  intPow: call("intPow_"),
  intEq: (a, b) => `select(0i, 1i, ${a} == ${b})`,
  intLt: (a, b) => `select(0i, 1i, ${a} < ${b})`,
  intWhere: (c, a, b) => `select(${b}, ${a}, ${c} != 0i)`,
  toFloat: call("f32"),
  toInt: call("toInt_"),
  conditionToInt: (condition) => `select(0i, 1i, ${condition})`,
};
