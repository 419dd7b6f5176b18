/** A number with a fixed count of digits after the point, or as a power of ten where that says too much or too little. */
export function fixed(value: number, digits: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (size >= 1e5 || (size > 0 && size < 0.5 * 10 ** -digits)) {
    const [mantissa, exponent] = value.toExponential(1).split("e");
    return `${minus(mantissa!)}e${minus(String(Number(exponent)))}`;
  }
  return minus(value.toFixed(digits));
}

/** Numbers with a true minus sign, which is as wide as a plus. */
function minus(text: string): string {
  return text.replace(/^-/, "−");
}

/** A number with as many digits as it needs, three at most. */
export function brief(value: number): string {
  return minus(String(Number(value.toPrecision(3))).replace("e+", "e"));
}

/** A share as a percentage. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
