import { internal } from "../errors";
import type { Primitive } from "./primitive";

/**
 * What a processor can do, the same to the bit in every engine. `lower` rewrites expressions into it, and
 * the float32 tiers render nothing else. A value is *narrow*, float32 and rounded after every step, unless
 * the primitive that makes it says `wide`: then it is a float64. A constant is as wide as the argument it
 * stands for. Both branches of a selection may be computed; what is not selected may be any rubbish.
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
  | "wideWhere";

type Options = Partial<Pick<Primitive, "wide" | "wideArgs" | "js">>;

function step(name: MachineName, evaluate: Primitive["evaluate"], options: Options = {}): Primitive {
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

/** The functions that rendered JavaScript calls. */
export const machineHelpers: Readonly<Record<string, (...args: number[]) => number>> = { exponent, widePow2 };

/** The steps of the machine, by their names. */
export const machine: Readonly<Record<MachineName, Primitive>> = {
  /** The larger of x and a bound that is not 0; NaN where x is. */
  atLeast: step("atLeast", Math.max, { js: (x, bound) => `Math.max(${x},${bound})` }),
  /** The smaller of x and a bound that is not 0; NaN where x is. */
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
};
