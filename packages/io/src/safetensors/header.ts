import { formatShape } from "@thalweg/tensor/internal";
import { SafetensorsError } from "../errors";
import type { Source } from "../source";
import { formats } from "./dtype";
import { depthOf, duplicateKey } from "./json";

/** The position of a tensor in a file, and the meaning of its bytes. */
export interface SafetensorsEntry {
  /** Element type in the format's terms: `F32`, `BF16`, `I64`, ... */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte, and the one after the last, counted from the end of the header. */
  readonly dataOffsets: readonly [begin: number, end: number];
}

/** The header of a safetensors file. */
export interface SafetensorsHeader {
  /** Texts by name, as the writer left them. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: Readonly<Record<string, SafetensorsEntry>>;
}

/** A header, and the start of the data after it. */
export interface Opened extends SafetensorsHeader {
  readonly dataStart: number;
}

/** Longest header that is read, as in the reference implementation, or written. */
export const longestHeader = 100_000_000;
/** Limit of the nesting of objects and arrays in a header; only three levels have a meaning. */
const deepest = 100;
const prefix = 8;

const op = "loadSafetensors";

function fail(problem: string, remedy = "it is damaged, or not a safetensors file", tensor?: string): never {
  throw new SafetensorsError(op, problem, remedy, tensor);
}

/**
 * Reads the header and checks all of it against the size of the file, before anything of a size that the header
 * claims is allocated.
 */
export function openSafetensors(source: Source): Opened {
  const { size } = source;
  if (size < prefix) fail(`the file ends within the length of its header, ${size} of ${prefix} bytes`);
  const start = source.read(0, prefix);
  const length = new DataView(start.buffer, start.byteOffset, prefix).getBigUint64(0, true);
  if (length > longestHeader) fail(`a header of ${length} bytes is too long, ${longestHeader} at most`);
  const dataStart = prefix + Number(length);
  if (dataStart > size) fail(`the header takes ${length} bytes, but only ${size - prefix} follow`);

  const raw = parse(source.read(prefix, dataStart));
  const { __metadata__: metadata = {}, ...described } = raw;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    fail("__metadata__ must hold texts only");
  }
  const tensors = Object.entries(described).map(([name, value]) => [name, entry(name, value)] as const);
  checkCover(tensors, size - dataStart);
  return {
    dataStart,
    metadata: metadata as Record<string, string>,
    tensors: Object.fromEntries(tensors),
  };
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    return fail(`the header is not JSON, ${(error as Error).message}`);
  }
  if (depthOf(text) > deepest) fail(`the header is more than ${deepest} levels deep`);
  try {
    header = JSON.parse(text);
  } catch (error) {
    return fail(`the header is not JSON, ${(error as Error).message}`);
  }
  if (!isRecord(header) || !text.startsWith("{")) return fail("the header is not a JSON object");
  const twice = duplicateKey(text);
  if (twice !== null) fail(`${JSON.stringify(twice)} occurs twice in the header`);
  return header;
}

/** Checks the header's fields of one tensor. */
function entry(name: string, value: unknown): SafetensorsEntry {
  const wrong = (problem: string, remedy?: string) => fail(`tensor "${name}" ${problem}`, remedy, name);
  if (!isRecord(value)) return wrong("is not described by an object");
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") return wrong("has no dtype");
  const format = formats.get(dtype);
  if (format === undefined) {
    return wrong(`has the dtype ${dtype}`, `those that can be read are ${[...formats.keys()].join(", ")}`);
  }
  if (!isCounts(shape)) return wrong(`has no valid shape, ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    return wrong(`has no valid data_offsets, ${JSON.stringify(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product, extent) => product * extent, format.size);
  // A product beyond 2^53 is not exact, but then no file is that long.
  if (bytes !== end - begin) {
    return wrong(
      `takes ${bytes} bytes, ${dtype} of shape ${formatShape(shape)}, but has ${end - begin}, from ${begin} to ${end}`,
    );
  }
  return { dtype, shape, dataOffsets: [begin, end] };
}

/** The tensors must follow one another without holes or overlaps, to the end of the file. */
function checkCover(tensors: readonly (readonly [string, SafetensorsEntry])[], size: number): void {
  const order = tensors
    .map(([name, { dataOffsets }]) => ({ name, begin: dataOffsets[0], end: dataOffsets[1] }))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of order) {
    if (begin < position)
      fail(`tensor "${name}" starts at ${begin}, within another that ends at ${position}`, undefined, name);
    if (begin > position)
      fail(`there is a hole before tensor "${name}", from ${position} to ${begin}`, undefined, name);
    if (end > size)
      fail(`tensor "${name}" ends at ${end}, after the last of ${size} bytes of data`, undefined, name);
    position = end;
  }
  if (position < size) fail(`${size - position} bytes follow the last tensor`);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
