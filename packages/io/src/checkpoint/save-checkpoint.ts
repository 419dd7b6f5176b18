import type { Tensor } from "@thalweg/tensor";
import { CheckpointError } from "../errors";
import { writeAtomically } from "../files";
import { concatenate, encode } from "../safetensors/save-safetensors";
import { stateOf } from "./stateful";
import { toJson } from "./tree";

/** What is saved, by any names: whatever has a `stateDict()`, generators, and plain values. */
export type CheckpointParts = Readonly<Record<string, unknown>>;

/**
 * Saves what it takes to go on with training, bit for bit: model, optimizer, scheduler, generator, data
 * loader, and what the program wants to know besides. The state is that of the moment of the call.
 *
 * The file is a safetensors file. It is written beside the old one and then takes its place, so that a crash
 * leaves one of the two whole. Without a path, its bytes are returned.
 *
 * @param parts by name: anything with `stateDict()`, {@link Generator}s, or tensors, numbers, texts, and plain
 * objects and arrays of them
 * @throws CheckpointError when a part is nothing of this.
 * @example
 * const model = new Linear(2, 1);
 * const optimizer = new Adam(model.parameters());
 * const bytes = await saveCheckpoint({ model, optimizer, generator: defaultGenerator, epoch: 3 });
 * const { epoch } = await loadCheckpoint(bytes, { model, optimizer, generator: defaultGenerator });
 * epoch; // → 3
 */
export function saveCheckpoint(parts: CheckpointParts): Promise<Uint8Array<ArrayBuffer>>;
export function saveCheckpoint(path: string | URL, parts: CheckpointParts): Promise<void>;
export async function saveCheckpoint(
  first: string | URL | CheckpointParts,
  second?: CheckpointParts,
): Promise<Uint8Array<ArrayBuffer> | void> {
  const isFile = typeof first === "string" || first instanceof URL;
  const parts = isFile ? second : first;
  if (typeof parts !== "object" || (!isFile && second !== undefined)) {
    throw new CheckpointError(
      "saveCheckpoint",
      "expects a path and parts, or parts alone",
      "the path comes first",
    );
  }
  const tensors: [name: string, tensor: Tensor][] = [];
  const given = Object.entries(parts).filter(([, part]) => part !== undefined);
  const states = Object.fromEntries(given.map(([name, part]) => [name, stateOf(part)]));
  const json = JSON.stringify({ version: 1, parts: toJson(states, (...kept) => tensors.push(kept)) });
  // All are read before anything else runs, so that they belong to one moment.
  const contents = await Promise.all(
    tensors.map(async ([name, x]) => ({ name, dtype: x.dtype, shape: x.shape, values: await x.data() })),
  );
  const chunks = encode(contents, { checkpoint: json });
  if (!isFile) return concatenate(chunks);
  writeAtomically("saveCheckpoint", first, chunks);
}
