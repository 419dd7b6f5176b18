const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/** The distance of neighbouring float32 numbers around x. */
export function spacing(x: number): number {
  float[0] = x;
  const exponent = ((words[1]! >>> 20) & 0x7ff) - 1023;
  return 2 ** Math.max(Math.min(exponent, 127) - 23, -149);
}

/** The error of `got` in units in the last place of float32; at most ½ counts as 0. */
export function ulpError(got: number, exact: number): number {
  const nearest = Math.fround(exact);
  if (Object.is(got, nearest)) return 0;
  if (got === 0 && nearest === 0) return Number.POSITIVE_INFINITY;
  const finite = Number.isFinite(got) ? got : Math.sign(got) * 2 ** 128;
  const error = Math.abs(finite - exact) / spacing(exact);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
