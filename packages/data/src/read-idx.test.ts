import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { DataError } from "./data-error";
import { readIdx } from "./read-idx";

/** Writers of the types: code, size, and a writer of one element. */
const types = {
  uint8: [8, 1, "setUint8"],
  int8: [9, 1, "setInt8"],
  int16: [11, 2, "setInt16"],
  int32: [12, 4, "setInt32"],
  float32: [13, 4, "setFloat32"],
  float64: [14, 8, "setFloat64"],
} as const;

function write(type: keyof typeof types, shape: readonly number[], values: readonly number[]): Uint8Array {
  const [code, size, set] = types[type];
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + values.length * size);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, code, shape.length]);
  for (const [i, extent] of shape.entries()) view.setUint32(4 + 4 * i, extent);
  for (const [i, value] of values.entries()) view[set](start + i * size, value);
  return bytes;
}

const numbers: Record<keyof typeof types, fc.Arbitrary<number>> = {
  uint8: fc.integer({ min: 0, max: 255 }),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32768, max: 32767 }),
  int32: fc.integer(),
  float32: fc.float(),
  float64: fc.double(),
};

const arrays = fc.constantFrom(...(Object.keys(types) as (keyof typeof types)[])).chain((type) =>
  fc.array(fc.nat({ max: 4 }), { maxLength: 4 }).chain((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = fc.array(numbers[type], { minLength: size, maxLength: size });
    return fc.record({ type: fc.constant(type), shape: fc.constant(shape), values });
  }),
);

describe("readIdx", () => {
  test.prop([arrays, fc.nat({ max: 3 })])(
    "reads every type and shape, from anywhere in memory",
    ({ type, shape, values }, offset) => {
      const bytes = write(type, shape, values);
      const moved = new Uint8Array(bytes.length + offset);
      moved.set(bytes, offset);
      for (const x of [readIdx(moved.subarray(offset)), readIdx(bytes.buffer as ArrayBuffer)]) {
        expect([x.shape, x.dtype]).toEqual([shape, type.startsWith("float") ? type : "int32"]);
        expect([...x.dataSync()]).toEqual(values);
      }
    },
  );

  test.prop([arrays, fc.nat(), fc.nat({ max: 255 })])(
    "reads or refuses a damaged file",
    (array, position, byte) => {
      const bytes = write(array.type, array.shape, array.values);
      bytes[position % bytes.length] = byte;
      try {
        expect(readIdx(bytes).size).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
      }
    },
  );

  test.prop([arrays, fc.nat()])("refuses a file that is cut", (array, length) => {
    const bytes = write(array.type, array.shape, array.values);
    expect(() => readIdx(bytes.subarray(0, length % bytes.length))).toThrow(DataError);
  });

  const head = (...bytes: number[]) => new Uint8Array(bytes);

  it.each<[string, Uint8Array, string]>([
    [
      "nothing",
      head(),
      "the file ends within its first 4 bytes, it has 0; it is damaged, or not an IDX file",
    ],
    [
      "what is compressed",
      head(0x1f, 0x8b, 8, 0),
      "the file is compressed with gzip; decompress it: gunzipSync(bytes)",
    ],
    [
      "another format",
      head(0x89, 0x50, 0x4e, 0x47),
      "the file starts with the bytes 137 and 80, not with two zeros",
    ],
    ["an unknown type", head(0, 0, 10, 0, 1), "there is no type 10, only 8, 9, 11, 12, 13, 14"],
    ["missing sizes", head(0, 0, 8, 2, 0, 0, 0, 1), "the file ends within its sizes, 8 of 12 bytes"],
    [
      "missing elements",
      head(0, 0, 12, 1, 0, 0, 0, 2, 0, 0, 0, 1),
      "32-bit integers of shape [2] take 8 bytes, but 4 follow",
    ],
    ["bytes at the end", head(0, 0, 8, 0, 1, 2), "unsigned bytes of shape [] take 1 bytes, but 2 follow"],
    [
      "an absurd size",
      head(0, 0, 14, 2, 255, 255, 255, 255, 255, 255, 255, 255),
      "float64 of shape [4294967295, 4294967295] take 147573952520956940000 bytes, but 0 follow",
    ],
    [
      "a value that is not bytes",
      "x" as unknown as Uint8Array,
      "expects the bytes of a file, got string; read the file first",
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => readIdx(bytes)).toThrow(DataError);
    expect(() => readIdx(bytes)).toThrow(`readIdx: ${message}`);
  });
});
