import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { oneTensor } from "../../test/bytes";
import { SafetensorsError } from "../errors";
import { loadSafetensors } from "./load-safetensors";

type Values = ArrayBufferView & { readonly length: number };

const load = (dtype: string, values: Values) => loadSafetensors(oneTensor(dtype, values)).x!;

const float32 = (bits: number) => new Float32Array(new Uint32Array([bits]).buffer)[0]!;

/** Half precision, by moving its bits into float32's. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [(bits & 0x8000) << 16, (bits >> 10) & 31, bits & 1023];
  if (exponent === 0) return (sign ? -1 : 1) * fraction * 2 ** -24;
  return float32(sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13));
}

describe("an element type", () => {
  it("is F16, all of it", () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const expected = Float32Array.from(bits, half);
    expect(load("F16", bits).dataSync()).toEqual(expected);
  });

  it("is BF16, all of it, to the bit", () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const found = new Uint32Array(load("BF16", bits).dataSync().buffer);
    expect(found).toEqual(Uint32Array.from(bits, (b) => b << 16));
  });

  // The tables of "FP8 formats for deep learning" (Micikevicius et al., 2022).
  it("is F8_E4M3 and F8_E5M2", () => {
    const e4m3 = new Uint8Array([0x00, 0x80, 0x01, 0x07, 0x08, 0x38, 0x7e, 0xfe, 0x7f, 0xb8]);
    expect([...load("F8_E4M3", e4m3).dataSync()]).toEqual([
      ...[0, -0, 2 ** -9, 0.875 * 2 ** -6, 2 ** -6, 1, 448, -448, Number.NaN, -1],
    ]);
    const e5m2 = new Uint8Array([0x00, 0x01, 0x03, 0x04, 0x3c, 0x7b, 0xfb, 0x7c, 0xfc, 0x7d]);
    expect([...load("F8_E5M2", e5m2).dataSync()]).toEqual([
      ...[0, 2 ** -16, 0.75 * 2 ** -14, 2 ** -14, 1, 57344, -57344],
      ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
    ]);
  });

  it.each<[string, Values, number[]]>([
    ["I8", new Int8Array([-128, 127]), [-128, 127]],
    ["U8", new Uint8Array([0, 255]), [0, 255]],
    ["I16", new Int16Array([-32768, 32767]), [-32768, 32767]],
    ["U16", new Uint16Array([0, 65535]), [0, 65535]],
  ])("is int32 for %s", (dtype, values, expected) => {
    const x = load(dtype, values);
    expect([x.dtype, x.toArray()]).toEqual(["int32", expected]);
  });

  it("is bool for BOOL", () => {
    const x = load("BOOL", new Uint8Array([0, 1]));
    expect([x.dtype, x.toArray()]).toEqual(["bool", [0, 1]]);
  });
});

describe("whole numbers of 32 and 64 bits", () => {
  const types = {
    I32: (value: number) => Int32Array.of(value),
    U32: (value: number) => Uint32Array.of(Math.abs(value)),
    I64: (value: number) => BigInt64Array.of(BigInt(value)),
    U64: (value: number) => BigUint64Array.of(BigInt(Math.abs(value))),
  };

  const near = fc
    .integer({ min: -3, max: 3 })
    .chain((by) => fc.constantFrom(2 ** 31 + by, -(2 ** 31) + by, by));

  test.prop([fc.constantFrom(...Object.keys(types)), fc.oneof(near, fc.integer())])(
    "are read if int32 can hold them, and refused otherwise",
    (dtype, value) => {
      const values = types[dtype as keyof typeof types](value);
      const number = Number(values[0]);
      if ((number | 0) === number) expect(load(dtype, values).toArray()).toEqual([number]);
      else expect(() => load(dtype, values)).toThrow(SafetensorsError);
    },
  );

  it("are refused with their value and place", () => {
    expect(() => load("I64", new BigInt64Array([1n, 2n ** 62n + 1n]))).toThrow(
      'loadSafetensors: tensor "x" holds 4611686018427387905, a number of I64 that int32 cannot hold, at 1; ' +
        "whole numbers from -2^31 to 2^31 - 1 are safe",
    );
    expect(() => load("U32", new Uint32Array([2 ** 31]))).toThrow(
      'tensor "x" holds 2147483648, a number of U32',
    );
  });
});
