import { type Kind, list, number, oneOf, options, required } from "@thalweg/tensor/internal";

/**
 * A sum that is rounded once, when it is read, so that it does not depend on the order of its terms (Shewchuk, 1997). It survives
 * JSON.
 */
export interface ExactSum {
  /** Numbers that do not overlap, the smallest first: their sum, without rounding, is that of all finite terms. */
  readonly parts: number[];
  /** The sum of the infinite terms and NaN, if there are any. */
  special: "NaN" | "Infinity" | "-Infinity" | null;
}

const specials = ["NaN", "Infinity", "-Infinity"] as const;

export const exactSumKind: Kind = /* @__PURE__ */ required(
  /* @__PURE__ */ options<ExactSum>({
    parts: /* @__PURE__ */ required(/* @__PURE__ */ list(number)),
    special: /* @__PURE__ */ required(/* @__PURE__ */ oneOf(...specials, null)),
  }),
);

export const emptySum = (): ExactSum => ({ parts: [], special: null });

export function addTerm(to: ExactSum, term: number): void {
  const { parts } = to;
  let sum = term;
  let kept = 0;
  for (const part of parts) {
    const isLarger = Math.abs(sum) < Math.abs(part);
    const [large, small] = isLarger ? [part, sum] : [sum, part];
    sum = large + small;
    const rest = small - (sum - large);
    if (rest !== 0) parts[kept++] = rest;
  }
  parts.length = kept;
  if (Number.isFinite(sum)) parts.push(sum);
  else {
    parts.length = 0;
    const total = String(Number(to.special ?? 0) + sum);
    to.special = specials.find((name) => name === total)!;
  }
}

/** Splits a number in two of at most 26 bits, whose products are exact. */
function halves(x: number): [high: number, low: number] {
  const scaled = x * 134_217_729;
  const high = scaled - (scaled - x);
  return [high, x - high];
}

/** Adds a product without rounding it, unless it is so small or large that its rest is no number. */
export function addProduct(to: ExactSum, a: number, b: number): void {
  const product = a * b;
  addTerm(to, product);
  const [[highA, lowA], [highB, lowB]] = [halves(a), halves(b)];
  const rest = lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
  if (rest !== 0 && Number.isFinite(rest)) addTerm(to, rest);
}

/** Adds all terms of another sum. */
export function addSum(to: ExactSum, { parts, special }: ExactSum): void {
  for (const part of parts) addTerm(to, part);
  if (special !== null) addTerm(to, Number(special));
}

/** The sum, rounded to the nearest number. */
export function valueOf({ parts, special }: ExactSum): number {
  if (special !== null) return Number(special);
  let at = parts.length - 1;
  let sum = parts[at] ?? 0;
  let rest = 0;
  while (at > 0 && rest === 0) {
    const part = parts[--at]!;
    const next = sum + part;
    rest = part - (next - sum);
    sum = next;
  }
  // What is left decides a tie of the last rounding.
  if (at === 0 || Math.sign(rest) !== Math.sign(parts[at - 1]!)) return sum;
  const other = sum + 2 * rest;
  return other - sum === 2 * rest ? other : sum;
}
