import { CheckpointError } from "../errors";
import { writeAtomically } from "../files";
import { contentOf } from "../safetensors/content";
import { isRecord } from "../safetensors/header";
import { concatenate, encode, textOf } from "../safetensors/save-safetensors";
import { type Bytes, type FilePath, isPath } from "../source";
import { isStateful, stateOf } from "./stateful";
import { Encoder } from "./tree";

const op = "saveCheckpoint";

/** The parts to save, by any names: objects with a `stateDict()`, generators, and plain values. */
export type CheckpointParts = Readonly<Record<string, unknown>>;

/**
 * Saves everything that training needs to go on bit for bit: model, optimizer, scheduler, generator, data
 * loader, and other values of the program. The state is that of the moment of the call.
 *
 * The file is a safetensors file. It is written next to the old one and then replaces it, so that a crash
 * leaves one of the two whole; tensors are written one after the other, not copied first. Without a path, its bytes
 * are returned.
 *
 * @param parts by name: anything with `stateDict()`, generators, or tensors, numbers, texts, and plain
 * objects and arrays of them, at most 1000 levels deep
 * @throws CheckpointError when a part is none of these, or could not be loaded again.
 * @throws FileError when the file cannot be written.
 * @example
 * const model = new Linear(2, 1);
 * const optimizer = new Adam(model.parameters());
 * const bytes = await saveCheckpoint({ model, optimizer, generator: defaultGenerator, epoch: 3 });
 * const { epoch } = await loadCheckpoint(bytes, { model, optimizer, generator: defaultGenerator });
 * epoch; // → 3
 */
export function saveCheckpoint(parts: CheckpointParts): Promise<Bytes>;
/** Saves the same to a file. */
export function saveCheckpoint(path: FilePath, parts: CheckpointParts): Promise<void>;
export async function saveCheckpoint(
  first: FilePath | CheckpointParts,
  second?: CheckpointParts,
): Promise<Bytes | void> {
  const isFile = isPath(first);
  const parts = isFile ? second : first;
  if (!isRecord(parts) || (!isFile && second !== undefined)) {
    throw new CheckpointError(op, "expects a path and parts, or parts alone", "the path comes first");
  }
  if (isStateful(parts)) {
    throw new CheckpointError(op, "expects parts by name, got one part", "give it a name: { model }");
  }
  return save(isFile ? first : null, parts);
}

async function save(path: FilePath | null, parts: CheckpointParts): Promise<Bytes | void> {
  const encoder = new Encoder();
  const given = Object.entries(parts).filter(([, part]) => part !== undefined);
  const states = Object.fromEntries(given.map(([name, part]) => [name, stateOf(part)]));
  const checkpoint = textOf(op, { version: 1, parts: encoder.encode(states) });
  const { tensors } = encoder;
  // All tensors are read before anything else runs, so that they belong to one moment: synchronously on the CPU, otherwise
  // by reads that start now.
  const contents = tensors.every(([, x]) => x.device === "cpu")
    ? tensors.map(([name, x]) => contentOf(name, x))
    : await Promise.all(tensors.map(async ([name, x]) => contentOf(name, x, await x.data())));
  const file = encode(op, contents, { checkpoint });
  if (path === null) return concatenate(op, file);
  writeAtomically(op, path, file.pieces);
}
