import { operand, tensor } from "../../kinds";
import { integer, isSurplus, number, oneOf, operation, options, type Signature } from "../../signature";
import type { Tensor } from "../../tensor";
import { type MapOp, type Operand, pointwise } from "../pointwise";
import type { Domain } from "../sample";
import { checkFloating } from "../types";
import { add as plainAdd, div as plainDiv, sub as plainSub } from "./arithmetic";
import { quotient } from "./quotient";
import { round as plainRound } from "./rounding";

type Plain = ((...operands: never[]) => Tensor) & { readonly op: MapOp };
type Call = (a: Operand, b?: unknown, c?: unknown) => Tensor;

/** An operation of one or two operands that takes options after them; `run` computes the result with these, and `without` the usual one. */
function withOptions<F extends (...args: never[]) => Tensor>(
  without: Plain,
  takes: Signature,
  run: F,
): F & { readonly op: MapOp } {
  const { op } = without;
  const [direct, chosen] = [without as unknown as Call, operation(op.name, takes, run) as unknown as Call];
  // A number in place of options comes from `tensors.map(round)`.
  const call: Call =
    op.arity === 1
      ? (x, given) => (isSurplus(given) ? chosen(x, given) : direct(x))
      : (a, b, given) => (isSurplus(given) ? chosen(a, b, given) : direct(a, b));
  const length = { value: op.arity + 1 };
  Object.defineProperties(call, { name: { value: op.name }, length, takes: { value: takes } });
  return Object.assign(call, { op }) as unknown as F & { readonly op: MapOp };
}

/** Options of {@link add} and {@link sub}. */
export interface ScaleOptions {
  /** The factor of b; 1 unless given. */
  readonly alpha?: number;
}

const scaling = {
  a: operand,
  b: operand,
  options: /* @__PURE__ */ options<ScaleOptions>({ alpha: number }),
};
const addScaled = /* @__PURE__ */ pointwise("add", (a, b, alpha) => a.add(b.mul(alpha)));

/** a + `alpha`·b, element by element; operands broadcast, and `alpha` is 1 unless given. */
export const add = /* @__PURE__ */ withOptions(
  plainAdd,
  scaling,
  (a: Operand, b: Operand, options: ScaleOptions = {}): Tensor => addScaled(a, b, options.alpha ?? 1),
);

const subScaled = /* @__PURE__ */ pointwise("sub", (a, b, alpha) => a.sub(b.mul(alpha)));

/** a - `alpha`·b, element by element; operands broadcast, and `alpha` is 1 unless given. */
export const sub = /* @__PURE__ */ withOptions(
  plainSub,
  scaling,
  (a: Operand, b: Operand, options: ScaleOptions = {}): Tensor => subScaled(a, b, options.alpha ?? 1),
);

/** Options of {@link div}. */
export interface DivOptions {
  /** Rounds the quotient down or towards 0; null, as it is unless given, for the quotient itself. */
  readonly roundingMode?: "floor" | "trunc" | null;
}

/**
 * a / b. Division by zero is an infinity or NaN, as in IEEE 754.
 *
 * With a `roundingMode` the result is a whole number, with gradient 0. It has the type of the operands, also if these are whole
 * numbers, whose division by 0 gives any number.
 *
 * @example
 * div(tensor([7, -7]), 2, { roundingMode: "floor" }).toArray(); // → [3,-4]
 */
export const div = /* @__PURE__ */ withOptions(
  plainDiv,
  { a: operand, b: operand, options: options<DivOptions>({ roundingMode: oneOf("floor", "trunc", null) }) },
  (a: Operand, b: Operand, { roundingMode = null }: DivOptions = {}): Tensor =>
    roundingMode === null ? plainDiv(a, b) : quotient(a, b, roundingMode),
);

/** Options of {@link round}. */
export interface RoundOptions {
  /** Digits behind the point that are kept; a negative number rounds digits before it. 0 unless given. */
  readonly decimals?: number;
}

const one: Domain = { min: 1, max: 1 };
const roundScaled = /* @__PURE__ */ pointwise(
  "round",
  (x, factor, divisor) => x.mul(factor).div(divisor).round().mul(divisor).div(factor),
  { domain: [{ min: -1.4, max: 1.4, avoid: [-0.5, 0.5] }, one, one] },
);

/**
 * Nearest whole number, or nearest number with `decimals` digits behind the point (0 unless given). Halves are rounded to even. The
 * gradient is 0.
 *
 * @throws DTypeError for whole numbers with decimals.
 * @example
 * round(tensor([1250, 1260]), { decimals: -2 }).toArray(); // → [1200,1300]
 */
export const round = /* @__PURE__ */ withOptions(
  plainRound,
  { x: tensor, options: options<RoundOptions>({ decimals: integer }) },
  (x: Tensor, { decimals = 0 }: RoundOptions = {}): Tensor => {
    if (decimals === 0) return plainRound(x);
    checkFloating("round", x);
    return roundScaled(x, 10 ** Math.max(decimals, 0), 10 ** Math.max(-decimals, 0));
  },
);
