import { Tensor } from "@thalweg/tensor";
import {
  checkArguments,
  checkCopy,
  type Kind,
  kind,
  named,
  options as optionsOf,
} from "@thalweg/tensor/internal";
import { SafetensorsError } from "../errors";
import { writeAtomically } from "../files";
import { type Bytes, type FilePath, isPath } from "../source";
import { type Content, contentOf } from "./content";
import { isRecord, longestHeader } from "./header";
import { Names, withAliases } from "./shared";

const op = "saveSafetensors";

/** Options of {@link saveSafetensors}. */
export interface SafetensorsOptions {
  /** Texts by name, for readers of the file; none unless given. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const record: Kind = kind("an object of tensors by name", isRecord);
const path: Kind = kind("the path of a file", isPath);
const options = optionsOf<SafetensorsOptions>({ metadata: kind("an object of texts by name", isRecord) });

/**
 * Tensors as a safetensors file that PyTorch and others can read: float32 as F32, float64 as F64, bit for bit,
 * in the given order (in the data, F64 first, so that everything is aligned). Views are written with the elements
 * that they show. Reading such a file and writing it again gives the same bytes.
 *
 * Tensors that are the same elements of the same memory, such as tied weights, are written once, under the first of their names;
 * the metadata keep the others.
 *
 * @param tensors by name, as from `stateDict()`, on a device that can be read synchronously
 * @throws SafetensorsError when something is not a tensor, or a name is not allowed.
 * @example
 * const bytes = saveSafetensors({ x: tensor([1, 2, 3]) }, { metadata: { step: "7" } });
 * loadSafetensors(bytes).x!.toArray(); // → [1,2,3]
 */
export function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  options?: SafetensorsOptions,
): Bytes;
/**
 * Writes the same to a file, synchronously, in Node and the like.
 *
 * @param path of the file. An existing one is replaced when the new one is complete.
 * @throws FileError when the file cannot be written.
 */
export function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  path: FilePath,
  options?: SafetensorsOptions,
): void;
export function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  second: FilePath | SafetensorsOptions = {},
  third?: SafetensorsOptions,
): Bytes | void {
  const toFile = isPath(second);
  if (toFile) checkArguments(op, { tensors: record, path, options }, [tensors, second, third]);
  else checkArguments(op, { tensors: record, options }, [tensors, second, third]);
  return named(op, () => save(tensors, toFile ? second : null, toFile ? (third ?? {}) : second));
}

function save(
  tensors: Readonly<Record<string, Tensor>>,
  path: FilePath | null,
  { metadata = {} }: SafetensorsOptions,
): Bytes | void {
  const names = new Names();
  const contents: Content[] = [];
  const aliases: [alias: string, name: string][] = [];
  for (const [name, x] of Object.entries(tensors)) {
    if (!(x instanceof Tensor)) {
      checkCopy(op, `"${name}"`, x);
      throw new SafetensorsError(op, `"${name}" is not a tensor`, "pass what stateDict() gives", name);
    }
    const earlier = names.earlier(name, x);
    if (earlier === undefined) contents.push(contentOf(name, x));
    else aliases.push([name, earlier]);
  }
  const file = encode(op, contents, withAliases(metadata, Object.fromEntries(aliases)));
  if (path === null) return concatenate(op, file);
  writeAtomically(op, path, file.pieces);
}

/** A file to be written. */
export interface Encoded {
  /** Number of its bytes. */
  readonly size: number;
  /** Its bytes, piece by piece: tensors are read when it is their turn. */
  readonly pieces: Iterable<Uint8Array>;
}

/** Makes a file of tensors and texts. */
export function encode(
  op: string,
  contents: readonly Content[],
  metadata: Readonly<Record<string, string>>,
): Encoded {
  for (const [name, text] of Object.entries(metadata)) {
    if (typeof text === "string") continue;
    throw new SafetensorsError(op, `metadata "${name}" is a ${typeof text}`, "only texts can be kept there");
  }
  const inFile = [...contents].sort((a, b) => b.elementSize - a.elementSize);
  const begins = new Map<Content, number>();
  let position = 0;
  for (const content of inFile) {
    begins.set(content, position);
    position += content.bytes;
  }
  const fields = contents.map((content) => {
    const { name, dtype, shape, bytes } = content;
    if (name === "__metadata__") {
      throw new SafetensorsError(op, 'a tensor cannot be called "__metadata__"', "rename it", name);
    }
    const begin = begins.get(content)!;
    const entry = { dtype, shape, data_offsets: [begin, begin + bytes] };
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  });
  if (Object.keys(metadata).length > 0) fields.unshift(`"__metadata__":${textOf(op, metadata)}`);
  const header = headerOf(op, fields);
  function* pieces() {
    yield header;
    for (const content of inFile) yield* content.pieces();
  }
  return { size: header.length + position, pieces: pieces() };
}

function tooLong(op: string, length: string): SafetensorsError {
  return new SafetensorsError(
    op,
    `the header would take ${length} bytes, but ${longestHeader} at most can be read again`,
    "put long lists of numbers into tensors, and tensors into several files",
  );
}

/** JSON of a value; texts have a maximum length, which escapes may exceed. */
export function textOf(op: string, value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw error instanceof RangeError ? tooLong(op, `more than ${longestHeader}`) : error;
  }
}

/** The header with its length in front, filled up with spaces so that the data start at a multiple of eight. */
function headerOf(op: string, fields: readonly string[]): Bytes {
  const characters = fields.reduce((sum, { length }) => sum + length + 1, 1);
  if (characters > longestHeader) throw tooLong(op, `${characters} or more`);
  const text = new TextEncoder().encode(`{${fields.join(",")}}`);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > longestHeader) throw tooLong(op, `${length}`);
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, 8);
  return header;
}

/** The whole file as one array of bytes. */
export function concatenate(op: string, { size, pieces }: Encoded): Bytes {
  let bytes: Bytes;
  try {
    bytes = new Uint8Array(size);
  } catch {
    throw new SafetensorsError(
      op,
      `the file takes ${size} bytes, more than one array can have here`,
      "in Node, pass the path of a file",
    );
  }
  let position = 0;
  for (const piece of pieces) {
    bytes.set(piece, position);
    position += piece.length;
  }
  return bytes;
}
