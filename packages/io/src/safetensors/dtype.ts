import type { DType } from "@thalweg/tensor";

/** The numbers of a tensor, or the first one that int32 cannot hold. */
type Decoded =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | { readonly beyond: number | bigint; readonly index: number };

interface Format {
  /** Bytes of an element. */
  readonly size: number;
  /** The resulting type. */
  readonly dtype: DType;
  /** The numbers in these bytes, which start at a multiple of `size` in their buffer. */
  decode(bytes: Uint8Array): Decoded;
}

type View<T> = new (buffer: ArrayBufferLike, offset: number, length: number) => T;

function as<T>(View: View<T>, bytes: Uint8Array, size: number): T {
  return new View(bytes.buffer, bytes.byteOffset, bytes.byteLength / size);
}

/** Whole numbers that all fit int32. */
function integers(View: View<ArrayLike<number>>, size: number): Format {
  return { size, dtype: "int32", decode: (bytes) => Int32Array.from(as(View, bytes, size)) };
}

const uint32: Format = {
  size: 4,
  dtype: "int32",
  decode(bytes) {
    const values = as(Int32Array, bytes, 4);
    const index = values.findIndex((value) => value < 0);
    return index < 0 ? values.slice() : { beyond: values[index]! >>> 0, index };
  },
};

/** Numbers of 64 bits in two words, the low one first, of which the high one repeats the sign. */
function longIntegers(View: View<ArrayLike<bigint>>, isSigned: boolean): Format {
  // Zero where int32 holds the number.
  const excess = (low: number, high: number) => (isSigned ? high ^ (low >> 31) : high | (low >> 31));
  return {
    size: 8,
    dtype: "int32",
    decode(bytes) {
      const words = as(Int32Array, bytes, 4);
      const out = new Int32Array(words.length / 2);
      let all = 0;
      for (let i = 0; i < out.length; i++) {
        const low = words[2 * i]!;
        out[i] = low;
        all |= excess(low, words[2 * i + 1]!);
      }
      if (all === 0) return out;
      const index = out.findIndex((low, i) => excess(low, words[2 * i + 1]!) !== 0);
      return { beyond: as(View, bytes, 8)[index]!, index };
    },
  };
}

const boolean: Format = { size: 1, dtype: "bool", decode: (bytes) => bytes };

/** Binary floating point of few bits: value = ±fraction·2^exponent, with subnormal numbers. */
function smallFloats(
  View: typeof Uint8Array | typeof Uint16Array,
  [exponentBits, fractionBits]: readonly [number, number],
  isNonFinite: (exponent: number, fraction: number) => boolean,
): Format {
  const size = (1 + exponentBits + fractionBits) / 8;
  const largest = 2 ** exponentBits - 1;
  const [bias, scale] = [largest >> 1, 2 ** fractionBits];
  const decodeOne = (bits: number): number => {
    const exponent = (bits >> fractionBits) & largest;
    const fraction = bits & (scale - 1);
    const sign = bits >> (exponentBits + fractionBits) === 0 ? 1 : -1;
    if (isNonFinite(exponent, fraction)) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    if (exponent === 0) return (sign * fraction * 2 ** (1 - bias)) / scale;
    return sign * (1 + fraction / scale) * 2 ** (exponent - bias);
  };
  let table: Float32Array | undefined;
  return {
    size,
    dtype: "float32",
    decode(bytes) {
      table ??= Float32Array.from({ length: 2 ** (8 * size) }, (_, bits) => decodeOne(bits));
      const bits = new View(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / size);
      const out = new Float32Array(bits.length);
      for (let i = 0; i < out.length; i++) out[i] = table[bits[i]!]!;
      return out;
    },
  };
}

/** The upper half of float32. */
const bfloat16: Format = {
  size: 2,
  dtype: "float32",
  decode(bytes) {
    const upper = as(Uint16Array, bytes, 2);
    const out = new Uint32Array(upper.length);
    for (let i = 0; i < out.length; i++) out[i] = upper[i]! << 16;
    return new Float32Array(out.buffer);
  },
};

/** The formats that can be read, by their names in a header. */
export const formats: ReadonlyMap<string, Format> = /* @__PURE__ */ new Map<string, Format>([
  ["F64", { size: 8, dtype: "float64", decode: (bytes) => as(Float64Array, bytes, 8) }],
  ["F32", { size: 4, dtype: "float32", decode: (bytes) => as(Float32Array, bytes, 4) }],
  ["F16", smallFloats(Uint16Array, [5, 10], (exponent) => exponent === 31)],
  ["BF16", bfloat16],
  ["F8_E5M2", smallFloats(Uint8Array, [5, 2], (exponent) => exponent === 31)],
  ["F8_E4M3", smallFloats(Uint8Array, [4, 3], (exponent, fraction) => exponent === 15 && fraction === 7)],
  ["I64", longIntegers(BigInt64Array, true)],
  ["U64", longIntegers(BigUint64Array, false)],
  ["I32", integers(Int32Array, 4)],
  ["U32", uint32],
  ["I16", integers(Int16Array, 2)],
  ["U16", integers(Uint16Array, 2)],
  ["I8", integers(Int8Array, 1)],
  ["U8", integers(Uint8Array, 1)],
  ["BOOL", boolean],
]);

/** The name of each element type in a header, and its bytes per element. */
export const written: Readonly<Record<DType, { readonly name: string; readonly size: number }>> = {
  float32: { name: "F32", size: 4 },
  float64: { name: "F64", size: 8 },
  int32: { name: "I32", size: 4 },
  bool: { name: "BOOL", size: 1 },
};
