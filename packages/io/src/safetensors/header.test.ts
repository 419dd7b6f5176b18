import { fc, test } from "@fast-check/vitest";
import { ThalwegError, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { fileOf } from "../../test/bytes";
import { SafetensorsError } from "../errors";
import { openSafetensors } from "./header";
import { loadSafetensors } from "./load-safetensors";
import { saveSafetensors } from "./save-safetensors";

const f32 = (shape: number[], begin: number, end: number) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

/** The bytes, with a record of those that were read. */
function watched(bytes: Uint8Array, size = bytes.length) {
  const reads: [number, number][] = [];
  const read = (start: number, end: number) => {
    reads.push([start, end]);
    return bytes.subarray(start, end);
  };
  return { source: { size, read }, reads };
}

const prefixed = (length: bigint) => {
  const bytes = fileOf("{}");
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
};

const cases: [string, Uint8Array, string][] = [
  ["nothing", new Uint8Array(0), "the file ends within the length of its header, 0 of 8 bytes;"],
  ["seven bytes", new Uint8Array(7), "the file ends within the length of its header, 7 of 8 bytes"],
  ["a header beyond the end", prefixed(3n), "the header takes 3 bytes, but only 2 follow"],
  [
    "a header of absurd length",
    prefixed(2n ** 64n - 1n),
    "a header of 18446744073709551615 bytes is too long, 100000000 at most",
  ],
  ["no header", fileOf(""), "the header is not JSON, "],
  ["half a header", fileOf('{"x":'), "the header is not JSON, "],
  ["a header that is not UTF-8", fileOf("{}").fill(0xff, 8), "the header is not JSON, "],
  ["a list", fileOf([]), "the header is not a JSON object"],
  ["a number", fileOf("1"), "the header is not a JSON object"],
  ["a space in front", fileOf(" {}"), "the header is not a JSON object"],
  [
    "a name given twice",
    fileOf('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\\u0061":{}}', 4),
    '"a" occurs twice in the header',
  ],
  [
    "a field given twice",
    fileOf('{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,8]}}', 8),
    '"shape" occurs twice in the header',
  ],
  ["metadata given twice", fileOf('{"__metadata__":{"k":"1","k":"2"}}'), '"k" occurs twice in the header'],
  ["metadata that are no object", fileOf({ __metadata__: ["x"] }), "__metadata__ must hold texts only"],
  ["metadata that are numbers", fileOf({ __metadata__: { x: 1 } }), "__metadata__ must hold texts only"],
  ["a tensor that is null", fileOf({ x: null }), 'tensor "x" is not described by an object'],
  ["no dtype", fileOf({ x: { shape: [], data_offsets: [0, 4] } }, 4), 'tensor "x" has no dtype'],
  [
    "an unknown dtype",
    fileOf({ x: { dtype: "C64", shape: [], data_offsets: [0, 8] } }, 8),
    'tensor "x" has the dtype C64; those that can be read are F64, F32, F16, BF16, ',
  ],
  [
    "no shape",
    fileOf({ x: { dtype: "F32", data_offsets: [0, 4] } }, 4),
    'tensor "x" has no valid shape, undefined',
  ],
  ["a negative size", fileOf({ x: f32([-1], 0, 4) }, 4), 'tensor "x" has no valid shape, [-1]'],
  ["a fractional size", fileOf({ x: f32([0.5], 0, 2) }, 2), 'tensor "x" has no valid shape, [0.5]'],
  [
    "an absurd size",
    fileOf({ x: f32([2 ** 30, 2 ** 30], 0, 8) }, 8),
    'tensor "x" takes 4611686018427388000 bytes, F32 of shape [1073741824, 1073741824], but has 8, from 0 to 8',
  ],
  ["a size that is not exact", fileOf({ x: f32([2 ** 53], 0, 8) }, 8), 'tensor "x" has no valid shape'],
  [
    "one offset",
    fileOf({ x: { dtype: "F32", shape: [], data_offsets: [4] } }, 4),
    'tensor "x" has no valid data_offsets, [4]',
  ],
  ["offsets in reverse", fileOf({ x: f32([1], 4, 0) }, 4), 'tensor "x" has no valid data_offsets, [4,0]'],
  [
    "offsets that do not fit the shape",
    fileOf({ x: f32([2], 0, 4) }, 4),
    'tensor "x" takes 8 bytes, F32 of shape [2], but has 4, from 0 to 4',
  ],
  [
    "a truncated file",
    fileOf({ x: f32([2], 0, 8) }, 7),
    'tensor "x" ends at 8, after the last of 7 bytes of data',
  ],
  ["bytes at the end", fileOf({ x: f32([1], 0, 4) }, 5), "1 bytes follow the last tensor"],
  ["bytes of no tensor", fileOf({}, 3), "3 bytes follow the last tensor"],
  ["a hole in front", fileOf({ x: f32([1], 4, 8) }, 8), 'there is a hole before tensor "x", from 0 to 4'],
  [
    "a hole",
    fileOf({ x: f32([1], 0, 4), y: f32([1], 8, 12) }, 12),
    'there is a hole before tensor "y", from 4 to 8',
  ],
  [
    "an overlap",
    fileOf({ x: f32([2], 0, 8), y: f32([1], 4, 8) }, 8),
    'tensor "y" starts at 4, within another that ends at 8',
  ],
];

describe("a file is refused, before any of its data are read, that holds", () => {
  it.each(cases)("%s", (_, bytes, message) => {
    const { source, reads } = watched(bytes);
    const open = () => openSafetensors(source);
    expect(open).toThrow(SafetensorsError);
    expect(open).toThrow(`loadSafetensors: ${message}`);
    expect(reads.every(([, end]) => end <= bytes.length)).toBe(true);
    expect(() => loadSafetensors(bytes)).toThrow(message);
  });

  it("a header as long as the file claims to be", () => {
    const { source, reads } = watched(prefixed(99_999_999_999n), 1e12);
    expect(() => openSafetensors(source)).toThrow("is too long");
    expect(reads).toEqual([[0, 8]]);
  });
});

describe("a file with unusual but valid contents", () => {
  it.each<[string, Uint8Array, string[]]>([
    ["is empty", fileOf({}), []],
    [
      "lists tensors in another order than their data",
      fileOf({ b: f32([1], 4, 8), a: f32([1], 0, 4) }, 8),
      ["b", "a"],
    ],
    [
      "has empty tensors",
      fileOf({ a: f32([0], 0, 0), b: f32([1], 0, 4), c: f32([2, 0], 4, 4) }, 4),
      ["a", "b", "c"],
    ],
    [
      "has spaces and line ends",
      fileOf('{\n"a" : {"dtype":"F32", "shape": [], "data_offsets":[0,4]} } ', 4),
      ["a"],
    ],
    ["has names of objects' own", fileOf(`{"__proto__":${JSON.stringify(f32([], 0, 4))}}`, 4), ["__proto__"]],
  ])("%s", (_, bytes, names) => {
    expect(Object.keys(loadSafetensors(bytes))).toEqual(names);
  });
});

describe("a valid file that was damaged", () => {
  const valid = saveSafetensors(
    {
      "0.weight": tensor([
        [1, 2],
        [3, 4],
      ]),
      "0.bias": tensor([5, 6]),
      scale: tensor(7, { dtype: "float64" }),
    },
    { metadata: { format: "pt" } },
  );
  const headerEnd = 8 + Number(new DataView(valid.buffer).getBigUint64(0, true));

  /** Loads it, or expects a refusal; a file that is loaded is what it claims to be. */
  function attempt(bytes: Uint8Array): boolean {
    try {
      const loaded = loadSafetensors(bytes);
      const size = Object.values(loaded).reduce((sum, x) => sum + x.size, 0);
      expect(size).toBeLessThan(bytes.length);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(ThalwegError);
      expect((error as Error).message).toMatch(/^loadSafetensors: .+/);
      return false;
    }
  }

  test.prop([fc.nat({ max: valid.length - 1 })], { numRuns: 200 })("is refused if it is cut", (length) => {
    expect(attempt(valid.slice(0, length))).toBe(false);
  });

  test.prop([fc.uint8Array({ minLength: 1 })])("is refused if something follows", (rest) => {
    expect(attempt(Buffer.concat([valid, rest]))).toBe(false);
  });

  test.prop([fc.nat({ max: headerEnd - 1 }), fc.nat({ max: 255 })], { numRuns: 2000 })(
    "is refused, or means something, with another byte in its header",
    (position, byte) => {
      const bytes = valid.slice();
      bytes[position] = byte;
      attempt(bytes);
    },
  );

  test.prop([fc.nat()])("is refused if a number of its header is replaced", (number) => {
    const text = new TextDecoder().decode(valid.subarray(8, headerEnd));
    const numbers = [...text.matchAll(/(?<=[[,])\d+/g)];
    for (const { index, 0: old } of numbers) {
      if (Number(old) === number) continue;
      const changed = text.slice(0, index) + number + text.slice(index + old.length);
      expect(attempt(fileOf(changed, valid.subarray(headerEnd)))).toBe(false);
    }
  });

  test.prop([fc.array(fc.tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 })))], { numRuns: 500 })(
    "never fails in another way",
    (changes) => {
      const bytes = valid.slice();
      for (const [position, byte] of changes) bytes[position] = byte;
      attempt(bytes);
    },
  );
});
