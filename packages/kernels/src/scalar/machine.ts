import { internal } from "../errors";
import { toInt32 } from "./dtype";
import type { Primitive } from "./primitive";

/**
 * The steps that a processor can do, with the same bits in every engine. `lower` rewrites expressions into them, and
 * the float32 tiers render nothing else. A value is *narrow*, a float32 that is rounded after every step, unless the
 * primitive that makes it is `wide` or `int`. A wide value is a float64, an int is an int32, which wraps. A constant
 * is an int32 if its node is an int, and a float64 where it is an argument that takes one. Both branches of a selection
 * may be computed; the value that is not selected is unspecified.
 */
export type MachineName =
  | "atLeast"
  | "atMost"
  | "exponent"
  | "scale"
  | "narrow"
  | "widen"
  | "wideAdd"
  | "wideSub"
  | "wideMul"
  | "wideDiv"
  | "wideSqrt"
  | "widePow2"
  | "wideWhere"
  | "intAdd"
  | "intSub"
  | "intMul"
  | "intRemainder"
  | "intPow"
  | "intEq"
  | "intLt"
  | "intWhere"
  | "toFloat"
  | "toInt"
  | "conditionToInt";

type Options = Partial<Pick<Primitive, "wide" | "wideArgs" | "int" | "exact" | "js">>;

function step(
  name: MachineName | "settle",
  evaluate: Primitive["evaluate"],
  options: Options = {},
): Primitive {
  return {
    name,
    arity: evaluate.length,
    evaluate,
    js: (...args) => `h.${name}(${args.join()})`,
    exact: true,
    predicate: false,
    derivative: () => {
      throw internal(`${name} is made by lowering, which comes after differentiation`);
    },
    ...options,
  };
}

const infix = (operator: string) => ({
  js: (a: string, b: string) => `(${a}${operator}${b})`,
  wide: true,
  wideArgs: [true, true],
});

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

function exponent(x: number): number {
  float[0] = x;
  return (bits[0]! >> 23) - 127;
}

const powers = Float64Array.from({ length: 512 }, (_, i) => 2 ** (i - 256));

function widePow2(n: number): number {
  return powers[(n + 256) & 511]!;
}

/** The remainder with the sign of the divisor; 0 where the divisor is 0. */
function intRemainder(a: number, b: number): number {
  const rest = (a % b) | 0;
  return rest !== 0 && rest < 0 !== b < 0 ? (rest + b) | 0 : rest;
}

/** Powers wrap as products do. Those with a negative exponent are 0, unless the base is 1 or -1. */
function intPow(base: number, exponent: number): number {
  if (exponent < 0) return base === 1 ? 1 : base === -1 ? (exponent % 2 === 0 ? 1 : -1) : 0;
  let [power, square] = [1, base];
  for (let rest = exponent; rest > 0; rest >>= 1) {
    if (rest & 1) power = Math.imul(power, square);
    square = Math.imul(square, square);
  }
  return power;
}

/** The functions that generated JavaScript calls. */
export const machineHelpers: Readonly<Record<string, (...args: number[]) => number>> = {
  exponent,
  widePow2,
  intRemainder,
  intPow,
  toInt32,
};

const int = { int: true };

/** The steps of the machine, by name. */
export const machine: Readonly<Record<MachineName, Primitive>> = {
  /** The larger of x and a bound that is not 0; NaN where x is NaN. */
  atLeast: step("atLeast", Math.max, { js: (x, bound) => `Math.max(${x},${bound})` }),
  /** The smaller of x and a bound that is not 0; NaN where x is NaN. */
  atMost: step("atMost", Math.min, { js: (x, bound) => `Math.min(${x},${bound})` }),
  /** The integer e with 2ᵉ <= x < 2ᵉ⁺¹ for a positive normal x. */
  exponent: step("exponent", (x) => exponent(x)),
  /** x times 2ⁿ, rounded once, for a normal x and an integer n in [-252, 254]. */
  scale: step("scale", (x, n) => Math.fround(x * widePow2(n)), { js: (x, n) => `f(${x}*h.widePow2(${n}))` }),
  /** A float64 rounded to float32. */
  narrow: step("narrow", (w) => Math.fround(w), { js: (w) => `f(${w})`, wideArgs: [true] }),
  /** A float32 as a float64. */
  widen: step("widen", (x) => Math.fround(x), { js: (x) => x, wide: true }),
  wideAdd: step("wideAdd", (a, b) => a + b, infix("+")),
  wideSub: step("wideSub", (a, b) => a - b, infix("-")),
  wideMul: step("wideMul", (a, b) => a * b, infix("*")),
  wideDiv: step("wideDiv", (a, b) => a / b, infix("/")),
  wideSqrt: step("wideSqrt", (a) => Math.sqrt(a), {
    js: (a) => `Math.sqrt(${a})`,
    wide: true,
    wideArgs: [true],
  }),
  /** 2ⁿ for an integer n in [-256, 255]. */
  widePow2: step("widePow2", (n) => widePow2(n), { wide: true, wideArgs: [true] }),
  /** The wide a where the narrow c is nonzero, else the wide b. */
  wideWhere: step("wideWhere", (c, a, b) => (c !== 0 ? a : b), {
    js: (c, a, b) => `(${c}!==0?${a}:${b})`,
    wide: true,
    wideArgs: [false, true, true],
  }),
  intAdd: step("intAdd", (a, b) => (a + b) | 0, { ...int, js: (a, b) => `(${a}+${b}|0)` }),
  intSub: step("intSub", (a, b) => (a - b) | 0, { ...int, js: (a, b) => `(${a}-${b}|0)` }),
  intMul: step("intMul", Math.imul, { ...int, js: (a, b) => `Math.imul(${a},${b})` }),
  intRemainder: step("intRemainder", intRemainder, int),
  intPow: step("intPow", intPow, int),
  /** 1 where both are equal, else 0. */
  intEq: step("intEq", (a, b) => (a === b ? 1 : 0), { ...int, js: (a, b) => `(${a}===${b}?1:0)` }),
  /** 1 where a < b, else 0. */
  intLt: step("intLt", (a, b) => (a < b ? 1 : 0), { ...int, js: (a, b) => `(${a}<${b}?1:0)` }),
  /** The int a where the int c is not 0, else the int b. */
  intWhere: step("intWhere", (c, a, b) => (c !== 0 ? a : b), {
    ...int,
    js: (c, a, b) => `(${c}!==0?${a}:${b})`,
  }),
  /** An int as the nearest float. */
  toFloat: step("toFloat", (n) => n, { exact: false, js: (n) => n }),
  /** A float as an int: rounded towards 0, limited to the range of int32, and 0 for NaN. */
  toInt: step("toInt", toInt32, { int: true, js: (x) => `h.toInt32(${x})` }),
  /** A float that is 0 or 1, the result of a comparison, as an int. */
  conditionToInt: step("conditionToInt", (x) => x, { int: true, js: (x) => x }),
};

/** x itself. No compiler sees through it, and so none contracts what computes x with what uses it. */
export const settle: Primitive = /* @__PURE__ */ step("settle", (x) => x, { js: (x) => x });
