import {
  arcTangent,
  cosine,
  erfLimit,
  erfSeries,
  exponential,
  logarithm,
  normalTail,
  sine,
  twoOverPi,
  twoOverPiBits,
} from "@thalweg/kernels";
import { literal, polynomial } from "./literal";

/** The first `bits` bits of a number, so that its products with short numbers are exact. */
function head(x: number, bits: number): number {
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(x))) - bits + 1);
  return Math.trunc(x / unit) * unit;
}

const ln2 = [head(Math.LN2, 15), Math.LN2 - head(Math.LN2, 15)];
const halfPi = [head(Math.PI / 2, 11), 0, 0];
halfPi[1] = head(Math.PI / 2 - halfPi[0]!, 11);
halfPi[2] = Math.PI / 2 - halfPi[0]! - halfPi[1];
const log2Scale = 2 / Math.LN2;

/** A zero word, then the bits of 2/π. */
const words = Array.from({ length: 8 }, (_, i) => {
  const padded = twoOverPi << BigInt(224 - twoOverPiBits);
  return i === 0 ? "0u" : `${Number((padded >> BigInt(224 - 32 * i)) & 0xffffffffn)}u`;
});

/**
 * Functions that WGSL lacks, by name; the names end in an underscore. A compiler may assume that NaN and infinities do
 * not exist, so they are recognised by their bits and never written as constants. Compensated arithmetic does not rely
 * on fused operations. The formulas and coefficients are those of `scalar/float32`, but in float32 throughout, so the
 * error is a few units in the last place instead of less than one.
 */
const functions: Readonly<Record<string, string>> = {
  nan_: "var<private> nanBits: u32 = 0x7fc00000u;\nfn nan_() -> f32 { return bitcast<f32>(nanBits); }",
  inf_: "var<private> infBits: u32 = 0x7f800000u;\nfn inf_() -> f32 { return bitcast<f32>(infBits); }",
  isNaN_: "fn isNaN_(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }",
  isInf_: "fn isInf_(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }",
  isNegative_: "fn isNegative_(x: f32) -> bool { return (bitcast<u32>(x) >> 31u) == 1u; }",
  truth_: "fn truth_(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) != 0u; }",
  ordered_: "fn ordered_(a: f32, b: f32) -> bool { return !(isNaN_(a) || isNaN_(b)); }",
  isIndex_: `fn isIndex_(x: f32, extent: u32) -> bool {
  return !isNaN_(x) && x >= 0.0 && x < 0x1p31f && u32(x) < extent && x == floor(x);
}`,
  toInt_: `fn toInt_(x: f32) -> i32 {
  if (isNaN_(x)) { return 0i; }
  if (x >= 0x1p31f) { return 2147483647i; }
  return i32(max(x, -0x1p31f));
}`,
  intRemainder_: `fn intRemainder_(a: i32, b: i32) -> i32 {
  if (b == 0i || b == -1i) { return 0i; }
  let rest = a % b;
  return select(rest, rest + b, rest != 0i && (rest < 0i) != (b < 0i));
}`,
  intPow_: `fn intPow_(base: i32, exponent: i32) -> i32 {
  if (exponent < 0i) {
    if (base == 1i) { return 1i; }
    return select(0i, select(-1i, 1i, (exponent & 1i) == 0i), base == -1i);
  }
  var power = 1i;
  var square = base;
  for (var rest = exponent; rest > 0i; rest = rest >> 1u) {
    if ((rest & 1i) == 1i) { power = power * square; }
    square = square * square;
  }
  return power;
}`,
  isIntIndex_: "fn isIntIndex_(x: i32, extent: u32) -> bool { return x >= 0i && u32(x) < extent; }",
  // Of two zeros, max and min of a device may return either.
  maximum_: `fn maximum_(a: f32, b: f32) -> f32 {
  let zero = bitcast<f32>(bitcast<u32>(a) & bitcast<u32>(b));
  return select(select(select(max(a, b), zero, a == 0.0 && b == 0.0), b, isNaN_(b)), a, isNaN_(a));
}`,
  minimum_: `fn minimum_(a: f32, b: f32) -> f32 {
  let zero = bitcast<f32>(bitcast<u32>(a) | bitcast<u32>(b));
  return select(select(select(min(a, b), zero, a == 0.0 && b == 0.0), b, isNaN_(b)), a, isNaN_(a));
}`,
  sign_: `fn sign_(x: f32) -> f32 {
  return select(select(select(1.0, -1.0, isNegative_(x)), x, x == 0.0), 0.0, isNaN_(x));
}`,
  // y for positive x, -y for negative x, and x itself for zeros and NaN
  odd_: `fn odd_(x: f32, y: f32) -> f32 {
  return select(select(y, -y, isNegative_(x)), x, x == 0.0 || isNaN_(x));
}`,
  isOdd_: `fn isOdd_(n: f32) -> bool {
  return abs(n) < 16777216.0 && (i32(clamp(n, -16777216.0, 16777216.0)) & 1) == 1;
}`,
  sqrt_: `fn sqrt_(x: f32) -> f32 {
  if (x == 0.0 || isNaN_(x)) { return x; }
  if (isNegative_(x)) { return nan_(); }
  return select(sqrt(x), x, isInf_(x));
}`,
  // x 2ⁿ for |n| <= 250
  scaled_: `fn scaled_(x: f32, n: i32) -> f32 {
  let half = n / 2;
  return x * bitcast<f32>((half + 127) << 23u) * bitcast<f32>((n - half + 127) << 23u);
}`,
  // 2^f - 1 and n with eˣ = 2ⁿ 2^f, for |x| <= 104
  power_: `fn power_(x: f32) -> vec2<f32> {
  let n = round(x * ${literal(Math.LOG2E)});
  let f = fma(n, ${literal(-ln2[1]!)}, fma(n, ${literal(-ln2[0]!)}, x)) * ${literal(Math.LOG2E)};
  return vec2<f32>(f * ${polynomial("f", exponential)}, n);
}`,
  // 2ᵏ eˣ
  exponential_: `fn exponential_(x: f32, k: i32) -> f32 {
  let p = power_(clamp(x, -104.0, 104.0));
  let y = scaled_(1.0 + p.x, i32(p.y) + k);
  let most = 88.722839f - f32(k) * ${literal(Math.LN2)};
  return select(select(y, inf_(), x > most), x, isNaN_(x));
}`,
  exp_: "fn exp_(x: f32) -> f32 { return exponential_(x, 0); }",
  // 2ⁿ ((2^f - 1) + (1 - 2⁻ⁿ))
  expm1_: `fn expm1_(x: f32) -> f32 {
  let p = power_(clamp(x, -20.0, 88.722839f));
  let n = i32(p.y);
  let y = scaled_(p.x + (1.0 - scaled_(1.0, -n)), n);
  return select(select(y, inf_(), x > 88.722839f), x, x == 0.0 || isNaN_(x));
}`,
  sigmoid_: `fn sigmoid_(x: f32) -> f32 {
  let y = 1.0 / (1.0 + exponential_(-max(x, -88.0), 0));
  return select(select(y, exponential_(x, 0), x < -88.0), x, isNaN_(x));
}`,
  sigmoidSlope_: `fn sigmoidSlope_(x: f32) -> f32 {
  let y = sigmoid_(-abs(x));
  return y * (1.0 - y);
}`,
  softplus_: `fn softplus_(x: f32) -> f32 {
  let y = max(x, 0.0) + log1p_(exponential_(-abs(x), 0));
  return select(y, x, isNaN_(x) || x > 100.0);
}`,
  // a² = h² + (a - h)(a + h). The square of h is exact, because h has 12 bits.
  ndtr_: `fn ndtr_(x: f32) -> f32 {
  let a = min(abs(x), 15.0);
  let h = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  let e = exponential_(-0.5 * h * h, 0) * exponential_(-0.5 * (a - h) * (a + h), 0);
  let t = ${literal(normalTail.c)} / (${literal(normalTail.c)} + a);
  let tail = t * ${polynomial("t", normalTail.p)} * e;
  return select(select(1.0 - tail, tail, isNegative_(x)), x, isNaN_(x));
}`,
  // m / (m + 2), m = e²ˣ - 1
  tanh_: `fn tanh_(x: f32) -> f32 {
  let m = expm1_(2.0 * min(abs(x), 10.0));
  return odd_(x, m / (m + 2.0));
}`,
  sinh_: `fn sinh_(x: f32) -> f32 {
  let m = expm1_(min(abs(x), 20.0));
  return odd_(x, select(0.5 * (m + m / (m + 1.0)), exponential_(abs(x), -1), abs(x) > 20.0));
}`,
  cosh_: `fn cosh_(x: f32) -> f32 {
  let e = exponential_(min(abs(x), 20.0), 0);
  let y = select(0.5 * (e + 1.0 / e), exponential_(abs(x), -1), abs(x) > 20.0);
  return select(y, x, isNaN_(x));
}`,
  // l and e with log x = e ln 2 + l and |l| <= ln 2 / 2, for positive finite x
  logarithm_: `fn logarithm_(x: f32) -> vec2<f32> {
  let tiny = x < ${literal(2 ** -100)};
  let bits = bitcast<u32>(select(x, x * ${literal(2 ** 25)}, tiny));
  let e = (i32(bits) - 0x3f3504f3) >> 23u;
  return vec2<f32>(near1_(bitcast<f32>(i32(bits) - (e << 23u)) - 1.0), f32(select(e, e - 25, tiny)));
}`,
  // log(1 + f) = f - s (f - q(s²)) with s = f / (2 + f), where s (2 + q) is the series
  near1_: `fn near1_(f: f32) -> f32 {
  let s = f / (2.0 + f);
  let z = s * s;
  return f - s * (f - z * ${polynomial("z", logarithm.slice(1))});
}`,
  // y for positive finite x, and the value of a logarithm elsewhere
  logOf_: `fn logOf_(x: f32, y: f32) -> f32 {
  if (x == 0.0) { return -inf_(); }
  if (isNaN_(x)) { return x; }
  if (isNegative_(x)) { return nan_(); }
  return select(y, x, isInf_(x));
}`,
  log_: `fn log_(x: f32) -> f32 {
  let p = logarithm_(x);
  return logOf_(x, fma(p.y, ${literal(ln2[0]!)}, fma(p.y, ${literal(ln2[1]!)}, p.x)));
}`,
  log2_: `fn log2_(x: f32) -> f32 {
  let p = logarithm_(x);
  return logOf_(x, fma(p.x, ${literal(Math.LOG2E)}, p.y));
}`,
  log10_: `fn log10_(x: f32) -> f32 {
  let p = logarithm_(x);
  let y = fma(p.y, ${literal(ln2[0]!)}, fma(p.y, ${literal(ln2[1]!)}, p.x));
  return logOf_(x, y * ${literal(Math.LOG10E)});
}`,
  // 1 + f = 2⁻ᵉ (1 + x) keeps the bits that rounding 1 + x would lose.
  log1p_: `fn log1p_(x: f32) -> f32 {
  let sum = 1.0 + x;
  let e = (bitcast<i32>(sum) - 0x3f3504f3) >> 23u;
  let scale = bitcast<f32>((127 - clamp(e, -126, 126)) << 23u);
  let l = near1_(x * scale + (scale - 1.0));
  let y = fma(f32(e), ${literal(ln2[0]!)}, fma(f32(e), ${literal(ln2[1]!)}, l));
  return select(select(logOf_(sum, y), x, x == 0.0), log_(x), x > ${literal(2 ** 60)});
}`,
  // k and t with |x| = π/2 (k + t) up to whole turns; k is an integer below 512, and |t| is hardly above ½
  quarters_: `fn quarters_(x: f32) -> vec2<f32> {
  let a = abs(x);
  if (a < 800.0) {
    let n = round(a * ${literal(2 / Math.PI)});
    let r = fma(n, ${literal(-halfPi[2]!)}, fma(n, ${literal(-halfPi[1]!)}, fma(n, ${literal(-halfPi[0]!)}, a)));
    return vec2<f32>(n, r * ${literal(2 / Math.PI)});
  }
  return manyQuarters_(bitcast<u32>(a));
}`,
  // Payne and Hanek: the product of the mantissa with 96 bits of 2/π. The bits before these add whole turns.
  manyQuarters_: `fn manyQuarters_(bits: u32) -> vec2<f32> {
  var words = array<u32, 8>(${words.join(", ")});
  let start = min((bits >> 23u) - 120u, 135u);
  let first = start / 32u;
  let shift = start % 32u;
  let low = (32u - shift) % 32u;
  let keep = select(0xffffffffu, 0u, shift == 0u);
  let m = (bits & 0x7fffffu) | 0x800000u;
  let b2 = (words[first] << shift) | ((words[first + 1u] >> low) & keep);
  let b1 = (words[first + 1u] << shift) | ((words[first + 2u] >> low) & keep);
  let b0 = (words[first + 2u] << shift) | ((words[first + 3u] >> low) & keep);
  let p0 = wide_(m, b0);
  let p1 = wide_(m, b1);
  let r1 = p1.x + p0.y;
  let r2 = m * b2 + p1.y + select(0u, 1u, r1 < p1.x);
  let fraction = i32((r2 << 2u) | (r1 >> 30u));
  let k = (r2 >> 30u) + select(0u, 1u, fraction < 0);
  let rest = f32((r1 << 2u) | (p0.x >> 30u)) * ${literal(2 ** -64)};
  return vec2<f32>(f32(k), f32(fraction) * ${literal(2 ** -32)} + rest);
}`,
  // The low and the high word of a product
  wide_: `fn wide_(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return vec2<u32>(a * b, (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u));
}`,
  sineOf_: `fn sineOf_(t: f32) -> f32 { let z = t * t; return t * ${polynomial("z", sine)}; }`,
  cosineOf_: `fn cosineOf_(t: f32) -> f32 { let z = t * t; return ${polynomial("z", cosine)}; }`,
  // sin(π/2 (k + t))
  turned_: `fn turned_(k: i32, t: f32) -> f32 {
  let y = select(sineOf_(t), cosineOf_(t), (k & 1) == 1);
  return select(y, -y, (k & 2) == 2);
}`,
  sin_: `fn sin_(x: f32) -> f32 {
  let q = quarters_(x);
  return select(select(odd_(x, turned_(i32(q.x), q.y)), nan_(), isInf_(x)), x, abs(x) < ${literal(2 ** -20)});
}`,
  cos_: `fn cos_(x: f32) -> f32 {
  let q = quarters_(x);
  return select(select(turned_(i32(q.x) + 1, q.y), nan_(), isInf_(x)), x, isNaN_(x));
}`,
  tan_: `fn tan_(x: f32) -> f32 {
  let q = quarters_(x);
  let s = sineOf_(q.y);
  let c = cosineOf_(q.y);
  let isOdd = (i32(q.x) & 1) == 1;
  let y = select(s, -c, isOdd) / select(c, s, isOdd);
  return select(select(odd_(x, y), nan_(), isInf_(x)), x, abs(x) < ${literal(2 ** -20)});
}`,
  // The angle of the point (x, y). Neither is negative, and they are not both zero or both infinite.
  angle_: `fn angle_(y: f32, x: f32) -> f32 {
  let most = max(x, y);
  let scale = select(select(1.0, 0.25, most > ${literal(2 ** 125)}), ${literal(2 ** 50)}, most < ${literal(2 ** -75)});
  let a = x * scale;
  let b = y * scale;
  let aboveEighth = b > a * ${literal(Math.SQRT2 - 1)};
  let aboveThird = b > a * ${literal(Math.SQRT2 + 1)};
  let over = select(select(b, b - a, aboveEighth), -a, aboveThird);
  let under = select(select(a, b + a, aboveEighth), b, aboveThird);
  let t = select(over / under, 0.0, isInf_(under));
  let z = t * t;
  let start = select(select(0.0, ${literal(Math.PI / 4)}, aboveEighth), ${literal(Math.PI / 2)}, aboveThird);
  return start + t * ${polynomial("z", arcTangent)};
}`,
  atan_: "fn atan_(x: f32) -> f32 { return odd_(x, angle_(abs(x), 1.0)); }",
  // √(1 - x²)
  cathetus_: "fn cathetus_(x: f32) -> f32 { return sqrt_((1.0 + x) * (1.0 - x)); }",
  asin_: `fn asin_(x: f32) -> f32 {
  return select(odd_(x, angle_(abs(x), cathetus_(x))), nan_(), abs(x) > 1.0);
}`,
  acos_: `fn acos_(x: f32) -> f32 {
  let y = angle_(cathetus_(x), abs(x));
  return select(select(select(y, ${literal(Math.PI)} - y, x < 0.0), nan_(), abs(x) > 1.0), x, isNaN_(x));
}`,
  atan2_: `fn atan2_(y: f32, x: f32) -> f32 {
  if (isNaN_(y) || isNaN_(x)) { return nan_(); }
  let b = abs(y);
  let a = abs(x);
  // 0 / 0 and ∞ / ∞ are undefined, so these points are replaced by (1, 0) and (1, 1).
  let same = bitcast<u32>(a) == bitcast<u32>(b);
  let first = angle_(select(b, select(1.0, 0.0, b == 0.0), same), select(a, 1.0, same));
  let upper = select(first, ${literal(Math.PI)} - first, isNegative_(x));
  return select(upper, -upper, isNegative_(y));
}`,
  // From the limit on the size is exactly 1, so that products with its distance from 1 vanish.
  erf_: `fn erf_(x: f32) -> f32 {
  let u = x * x * ${literal(1 / 7.7)} - 1.0;
  let y = x * ${polynomial("u", erfSeries)};
  return select(select(y, odd_(x, 1.0), abs(x) >= ${literal(erfLimit)}), x, isNaN_(x));
}`,
  // The first 12 bits: products of two such are exact.
  head_: "fn head_(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }",
  // log₂ x for positive finite x as a sum of two floats, to about 32 bits, because powers may multiply it by 150
  longLog2_: `fn longLog2_(x: f32) -> vec2<f32> {
  let tiny = x < ${literal(2 ** -100)};
  let bits = bitcast<u32>(select(x, x * ${literal(2 ** 25)}, tiny));
  let k = (i32(bits) - 0x3f3504f3) >> 23u;
  let e = f32(select(k, k - 25, tiny));
  let f = bitcast<f32>(i32(bits) - (k << 23u)) - 1.0;
  let d = 2.0 + f;
  let dh = head_(d);
  let sh = head_(f / d);
  let sl = ((f - sh * dh) - sh * (f - (dh - 2.0))) / d;
  let s = sh + sl;
  let z = s * s;
  // ½ log(1 + f) = s + s³/3 + s⁵/5 + ...
  let rest = sl + s * z * ${polynomial("z", [1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11])};
  let high = sh * ${literal(head(log2Scale, 12))};
  let low = sh * ${literal(log2Scale - head(log2Scale, 12))} + rest * ${literal(log2Scale)};
  let sum = e + high;
  let lost = (high - (sum - e)) + low;
  let total = sum + lost;
  return vec2<f32>(total, lost - (total - sum));
}`,
  // xʸ for positive finite x and finite y
  finitePower_: `fn finitePower_(x: f32, y: f32) -> f32 {
  let l = longLog2_(x);
  let order = y * l.x;
  if (order > 130.0) { return inf_(); }
  if (order < -160.0) { return 0.0; }
  let yh = head_(y);
  let lh = head_(l.x);
  let th = yh * lh;
  let tl = (y - yh) * l.x + yh * (l.x - lh) + y * l.y;
  let n = round(th + tl);
  let f = (th - n) + tl;
  let power = scaled_(1.0 + f * ${polynomial("f", exponential)}, i32(n));
  return select(power, inf_(), th + tl >= 128.0);
}`,
  pow_: `fn pow_(x: f32, y: f32) -> f32 {
  let a = abs(x);
  if (x == 1.0 || y == 0.0 || (x == -1.0 && isInf_(y))) { return 1.0; }
  if (isNaN_(x) || isNaN_(y)) { return nan_(); }
  let isWhole = isInf_(y) || y == floor(y);
  if (isNegative_(x) && a != 0.0 && !isWhole && !isInf_(x)) { return nan_(); }
  let isExtreme = a == 0.0 || isInf_(a) || isInf_(y);
  let extreme = select(0.0, inf_(), (a > 1.0) == (y > 0.0));
  let size = select(finitePower_(select(a, 1.0, isExtreme), select(y, 1.0, isExtreme)), extreme, isExtreme);
  return select(size, -size, isNegative_(x) && isWhole && isOdd_(y));
}`,
  // The remainder of integers m 2ᵉ, bit by bit, with the sign of the divisor
  remainder_: `fn remainder_(a: f32, b: f32) -> f32 {
  if (isNaN_(a) || isNaN_(b) || isInf_(a) || b == 0.0) { return nan_(); }
  var rest = a;
  if (!isInf_(b) && abs(a) >= abs(b)) {
    let x = bitcast<u32>(abs(a));
    let y = bitcast<u32>(abs(b));
    var m = (x & 0x7fffffu) | 0x800000u;
    let n = (y & 0x7fffffu) | 0x800000u;
    for (var k = (x >> 23u) - (y >> 23u); k > 0u; k--) {
      if (m >= n) { m -= n; }
      m <<= 1u;
    }
    if (m >= n) { m -= n; }
    let size = scaled_(f32(m), i32(y >> 23u) - 150);
    rest = select(size, -size, isNegative_(a));
  }
  return select(rest, rest + b, rest != 0.0 && isNegative_(rest) != isNegative_(b));
}`,
};

const known = new Map(Object.entries(functions));

/** The definitions of the functions that a text calls, directly or through others. */
export function definitions(text: string): string {
  const found = new Set<string>();
  const search = (source: string) => {
    for (const [name] of source.matchAll(/\b[a-zA-Z0-9]+_(?=\()/g)) {
      if (found.has(name) || !known.has(name)) continue;
      found.add(name);
      search(known.get(name)!);
    }
  };
  search(text);
  return [...found].map((name) => known.get(name)!).join("\n");
}
