/** A float32 number in WGSL, which has no literals for NaN and infinities. */
export function literal(value: number): string {
  const rounded = Math.fround(value);
  if (Number.isNaN(rounded)) return "nan_()";
  if (!Number.isFinite(rounded)) return rounded > 0 ? "inf_()" : "(-inf_())";
  const text = `${Object.is(rounded, -0) ? "-0" : rounded}f`;
  return text.startsWith("-") ? `(${text})` : text;
}

/** An int32 in WGSL, where the smallest one is no literal with a sign. */
export function intLiteral(value: number): string {
  return `i32(${value | 0})`;
}

/** Horner's rule, constant term first. */
export function polynomial(x: string, coefficients: readonly number[]): string {
  return coefficients.reduceRight<string>(
    (sum, c) => (sum === "" ? literal(c) : `(${sum} * ${x} + ${literal(c)})`),
    "",
  );
}
