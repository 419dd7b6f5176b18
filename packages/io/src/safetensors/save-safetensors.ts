import { type DType, Tensor } from "@thalweg/tensor";
import { SafetensorsError } from "../errors";
import { writeAtomically } from "../files";
import { written } from "./dtype";

const op = "saveSafetensors";

/** Options of {@link saveSafetensors}. */
export interface SafetensorsOptions {
  /** Texts by name, for whoever reads the file. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A tensor whose elements were read. */
export interface Content {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
}

/**
 * Tensors as a safetensors file, as PyTorch and others read it: float32 as F32, float64 as F64, bit for bit,
 * in the given order (in the data, F64 first, so that everything is aligned). Views are written as what they
 * show. Reading and writing a file that was written so gives the same bytes.
 *
 * @param tensors by name, as `stateDict()` gives them, on a device that can be read at once
 * @param path in Node, a file to be written in place of returning bytes. An existing one is replaced when the
 * new one is complete.
 * @throws SafetensorsError when something is not a tensor, or a name is not possible.
 * @example
 * const bytes = saveSafetensors({ x: tensor([1, 2, 3]) }, { metadata: { step: "7" } });
 * loadSafetensors(bytes).x!.toArray(); // → [1,2,3]
 */
export function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  options?: SafetensorsOptions,
): Uint8Array<ArrayBuffer>;
export function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  path: string | URL,
  options?: SafetensorsOptions,
): void;
export function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  second: string | URL | SafetensorsOptions = {},
  third: SafetensorsOptions = {},
): Uint8Array<ArrayBuffer> | void {
  const toFile = typeof second === "string" || second instanceof URL;
  const { metadata = {} } = toFile ? third : second;
  const contents = Object.entries(tensors).map(([name, x]) => {
    if (x instanceof Tensor) return { name, dtype: x.dtype, shape: x.shape, values: x.dataSync() };
    throw new SafetensorsError(op, `"${name}" is not a tensor`, "pass what stateDict() gives", name);
  });
  const chunks = encode(contents, metadata);
  if (!toFile) return concatenate(chunks);
  writeAtomically(op, second, chunks);
}

/** The pieces of a file: its header, and the bytes of each tensor. */
export function encode(
  contents: readonly Content[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer>[] {
  for (const [name, text] of Object.entries(metadata)) {
    if (typeof text !== "string") {
      throw new SafetensorsError(
        op,
        `metadata "${name}" is a ${typeof text}`,
        "only texts can be kept there",
      );
    }
  }
  const inFile = [...contents].sort((a, b) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT);
  const begins = new Map<Content, number>();
  let position = 0;
  for (const content of inFile) {
    begins.set(content, position);
    position += content.values.byteLength;
  }
  const fields = contents.map((content) => {
    const { name, dtype, shape, values } = content;
    if (name === "__metadata__") {
      throw new SafetensorsError(op, 'a tensor cannot be called "__metadata__"', "rename it", name);
    }
    const begin = begins.get(content)!;
    const entry = { dtype: written[dtype], shape, data_offsets: [begin, begin + values.byteLength] };
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  });
  if (Object.keys(metadata).length > 0) fields.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  return [
    headerOf(`{${fields.join(",")}}`),
    ...inFile.map(
      ({ values }) => new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength),
    ),
  ];
}

/** The header with its length in front, filled up with spaces so that the data start at a multiple of eight. */
function headerOf(json: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, 8);
  return header;
}

/** The pieces as one array of bytes. */
export function concatenate(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return bytes;
}
