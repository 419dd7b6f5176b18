import { type Tensor, tensor } from "@thalweg/tensor";
import { brandOf, formatShape } from "@thalweg/tensor/internal";
import { DataError } from "./data-error";

interface IdxType {
  readonly name: string;
  /** Bytes of an element. */
  readonly size: number;
  /** The resulting type. */
  readonly dtype: "float32" | "float64" | "int32";
  read(view: DataView, at: number): number;
}

/** Types by their code, the third byte of a file. */
const types: Readonly<Record<number, IdxType>> = {
  8: { name: "unsigned bytes", size: 1, dtype: "int32", read: (view, at) => view.getUint8(at) },
  9: { name: "signed bytes", size: 1, dtype: "int32", read: (view, at) => view.getInt8(at) },
  11: { name: "16-bit integers", size: 2, dtype: "int32", read: (view, at) => view.getInt16(at) },
  12: { name: "32-bit integers", size: 4, dtype: "int32", read: (view, at) => view.getInt32(at) },
  13: { name: "float32", size: 4, dtype: "float32", read: (view, at) => view.getFloat32(at) },
  14: { name: "float64", size: 8, dtype: "float64", read: (view, at) => view.getFloat64(at) },
};

function fail(problem: string, remedy = "it is damaged, or not an IDX file"): never {
  throw new DataError("readIdx", problem, remedy);
}

/** Bytes may come from another realm: an iframe's, or the one in which Jest runs tests. */
function bytesOf(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  const brand = brandOf(bytes);
  if (brand === "ArrayBuffer") return new Uint8Array(bytes as ArrayBuffer);
  if (brand === "Uint8Array" && ArrayBuffer.isView(bytes)) {
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return fail(`expects the bytes of a file, got ${typeof bytes}`, "read the file first");
}

/**
 * The array in an IDX file, the format of MNIST's images [count, rows, columns] and labels [count]: two zero
 * bytes, one for the type and one for the number of dimensions, sizes and elements, all with the most
 * significant byte first (http://yann.lecun.com/exdb/mnist/). Every type of the format is read: whole
 * numbers become int32. Bytes stay numbers from 0 to 255: divide them.
 *
 * @param bytes the whole file, decompressed
 * @throws DataError when it is not a valid file (before anything is allocated for its elements).
 * @example
 * const file = new Uint8Array([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 127, 255]);
 * readIdx(file).toArray(); // → [[0,127,255]]
 */
export function readIdx(bytes: Uint8Array | ArrayBuffer): Tensor {
  const file = bytesOf(bytes);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const [first, second, code, ndim] = file;
  if (first === 0x1f && second === 0x8b)
    fail("the file is compressed with gzip", "decompress it: gunzipSync(bytes)");
  if (ndim === undefined) fail(`the file ends within its first 4 bytes, it has ${file.length}`);
  if (first !== 0 || second !== 0)
    fail(`the file starts with the bytes ${first} and ${second}, not with two zeros`);
  const type = types[code!];
  if (type === undefined) return fail(`there is no type ${code}, only ${Object.keys(types).join(", ")}`);
  const start = 4 + 4 * ndim;
  if (file.length < start) fail(`the file ends within its sizes, ${file.length} of ${start} bytes`);
  const shape = Array.from({ length: ndim }, (_, dim) => view.getUint32(4 + 4 * dim));
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (size * type.size !== file.length - start) {
    fail(
      `${type.name} of shape ${formatShape(shape)} take ${size * type.size} bytes, but ${file.length - start} follow`,
    );
  }
  const { dtype } = type;
  const Elements = { float32: Float32Array, float64: Float64Array, int32: Int32Array }[dtype];
  const values = new Elements(size);
  for (let i = 0; i < size; i++) values[i] = type.read(view, start + i * type.size);
  return tensor(values, { shape, dtype });
}
