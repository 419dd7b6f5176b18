import { fc, test } from "@fast-check/vitest";
import { arange, type DType, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { SafetensorsError } from "../errors";
import { loadSafetensors, readSafetensorsHeader } from "./load-safetensors";
import { saveSafetensors } from "./save-safetensors";

/** Any bits, NaNs with a payload among them. */
const contents = fc
  .record({
    shape: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
    dtype: fc.constantFrom<DType>("float32", "float64"),
  })
  .chain(({ shape, dtype }) => {
    const size = shape.reduce((a, b) => a * b, 1) * (dtype === "float32" ? 4 : 8);
    return fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => ({ shape, dtype, bytes }));
  });

/** Names whose order objects keep; the name of the metadata cannot be used. */
const name = fc.string({ unit: "grapheme" }).filter((text) => !/^\d+$|^__metadata__$/.test(text));
const dictionaries = fc.dictionary(name, contents, { noNullPrototype: true });
const metadata = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });

const bytesOf = (x: Tensor) => new Uint8Array(x.dataSync().buffer);

function tensorsOf(dictionary: Record<string, { shape: number[]; dtype: DType; bytes: Uint8Array }>) {
  const entries = Object.entries(dictionary).map(([key, { shape, dtype, bytes }]) => {
    const { buffer } = bytes.slice();
    const values = dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
    return [key, tensor(values, { shape, dtype })] as const;
  });
  return Object.fromEntries(entries);
}

describe("a file that was written", () => {
  test.prop([dictionaries, metadata])("returns every bit, in the same order", (dictionary, texts) => {
    const bytes = saveSafetensors(tensorsOf(dictionary), { metadata: texts });
    const loaded = loadSafetensors(bytes);
    expect(Object.keys(loaded)).toEqual(Object.keys(dictionary));
    for (const [key, { shape, dtype, bytes: expected }] of Object.entries(dictionary)) {
      const x = loaded[key]!;
      expect([x.shape, x.dtype, bytesOf(x)]).toEqual([shape, dtype, expected]);
    }
    expect(Object.entries(readSafetensorsHeader(bytes).metadata)).toEqual(Object.entries(texts));
  });

  test.prop([dictionaries, metadata])("is written again byte for byte", (dictionary, texts) => {
    const bytes = saveSafetensors(tensorsOf(dictionary), { metadata: texts });
    const again = saveSafetensors(loadSafetensors(bytes), {
      metadata: readSafetensorsHeader(bytes).metadata,
    });
    expect(again).toEqual(bytes);
  });

  test.prop([dictionaries])("has its tensors where their elements are aligned", (dictionary) => {
    const bytes = saveSafetensors(tensorsOf(dictionary));
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    for (const { dtype, dataOffsets } of Object.values(readSafetensorsHeader(bytes).tensors)) {
      expect(dataOffsets[0] % (dtype === "F64" ? 8 : 4)).toBe(0);
    }
  });

  test.prop([dictionaries, fc.infiniteStream(fc.nat({ max: 2 })), fc.infiniteStream(fc.nat())])(
    "holds tensors once that have several names",
    (dictionary, uses, which) => {
      const once = tensorsOf(dictionary);
      const tensors = { ...once };
      for (const [name, x] of Object.entries(once)) {
        for (let k = uses.next().value; k > 0; k--) tensors[`${name}/${which.next().value}`] ??= x.detach();
      }
      const bytes = saveSafetensors(tensors);
      expect(Object.keys(readSafetensorsHeader(bytes).tensors)).toEqual(Object.keys(once));
      const loaded = loadSafetensors(bytes);
      expect(Object.keys(loaded).sort()).toEqual(Object.keys(tensors).sort());
      for (const [name, x] of Object.entries(tensors)) {
        expect(bytesOf(loaded[name]!)).toEqual(bytesOf(x));
        const [first] = Object.entries(tensors).find(([, y]) => y.storage === x.storage)!;
        expect(loaded[name]).toBe(loaded[first]);
      }
      const { metadata } = readSafetensorsHeader(bytes);
      expect(saveSafetensors(loaded, { metadata })).toEqual(bytes);
    },
  );

  it("holds both of two views that differ", () => {
    const x = arange(6).reshape([2, 3]);
    const bytes = saveSafetensors({ x, t: x.transpose(0, 1), row: x.select(0, 1), same: x.select(0, 1) });
    expect(Object.keys(readSafetensorsHeader(bytes).tensors)).toEqual(["x", "t", "row"]);
    expect(loadSafetensors(bytes).same!.toArray()).toEqual([3, 4, 5]);
  });

  it.each(["no JSON", "null", "7", '{"x":"x"}', '{"y":"z","z":1}', '["x"]'])(
    "has only the names that lead to a tensor: %s",
    (text) => {
      const bytes = saveSafetensors({ x: tensor([1]) }, { metadata: { "thalweg.aliases": text } });
      expect(Object.keys(loadSafetensors(bytes))).toEqual(["x"]);
    },
  );

  it("is read from any position in memory", () => {
    const bytes = saveSafetensors({ x: tensor([1, 2, 3]) });
    const moved = new Uint8Array(bytes.length + 3);
    moved.set(bytes, 3);
    expect(loadSafetensors(moved.subarray(3)).x!.toArray()).toEqual([1, 2, 3]);
    expect(loadSafetensors(bytes.buffer).x!.toArray()).toEqual([1, 2, 3]);
  });

  it("returns tensors with their own memory", () => {
    const bytes = saveSafetensors({ x: tensor([1]) });
    const { x } = loadSafetensors(bytes);
    bytes.fill(0);
    expect(x!.toArray()).toEqual([1]);
  });

  it("holds the elements of views", () => {
    const x = arange(6).reshape([2, 3]);
    const views = {
      t: x.transpose(0, 1),
      row: x.select(0, 1),
      wide: tensor([7]).expand([3]),
      back: x.flip([0]),
    };
    const loaded = loadSafetensors(saveSafetensors(views));
    for (const [key, view] of Object.entries(views)) expect(loaded[key]!.toArray()).toEqual(view.toArray());
  });
});

describe("a file from the reference implementation", () => {
  // The result of `safetensors.torch.save({"b": tensor([1., 2.]), "a": tensor([[3.]])}, {"format": "pt"})`.
  const header =
    '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},' +
    '"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8, " ");
  const bytes = Buffer.concat([
    Buffer.from([padded.length, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from(padded),
    Buffer.from("000040400000803f00000040", "hex"),
  ]);

  it("is read, and written again byte for byte", () => {
    const loaded = loadSafetensors(bytes);
    expect([loaded.a!.toArray(), loaded.b!.toArray()]).toEqual([[[3]], [1, 2]]);
    const again = saveSafetensors(loaded, { metadata: readSafetensorsHeader(bytes).metadata });
    expect(Buffer.from(again)).toEqual(bytes);
  });
});

describe("saveSafetensors refuses", () => {
  it.each<[string, () => unknown, string]>([
    [
      "a value that is not a tensor",
      () => saveSafetensors({ x: [1] as unknown as Tensor }),
      'saveSafetensors: "x" is not a tensor; pass what stateDict() gives',
    ],
    [
      "the name of the metadata",
      () => saveSafetensors({ __metadata__: zeros([1]) }),
      'saveSafetensors: a tensor cannot be called "__metadata__"; rename it',
    ],
    [
      "metadata of another type",
      () => saveSafetensors({}, { metadata: { epoch: 3 as unknown as string } }),
      'saveSafetensors: metadata "epoch" is a number; only texts can be kept there',
    ],
  ])("%s", (_, save, message) => {
    expect(save).toThrow(SafetensorsError);
    expect(save).toThrow(message);
  });
});
