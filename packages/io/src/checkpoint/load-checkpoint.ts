import type { Generator, Tensor } from "@thalweg/tensor";
import { CheckpointError } from "../errors";
import { openSafetensors } from "../safetensors/header";
import { readTensor } from "../safetensors/load-safetensors";
import { type ByteSource, type Source, withSource } from "../source";
import { restore, type Stateful, stateOf } from "./stateful";
import { copyTree, fromJson } from "./tree";

const op = "loadCheckpoint";

/**
 * Gives parts of a program the states that {@link saveCheckpoint} saved of them.
 *
 * @param source the path of a file, or its bytes
 * @param parts what to restore, by the names under which it was saved: all of it, or only the model
 * @returns what else is in the file, by name: plain values, and states of parts that were not asked for
 * @throws CheckpointError that lists everything that does not fit, in any part; then none of them has changed.
 * @throws SafetensorsError when the file is damaged.
 */
export async function loadCheckpoint(
  source: ByteSource,
  parts: Readonly<Record<string, Stateful | Generator>> = {},
): Promise<Record<string, unknown>> {
  const saved = withSource(op, source, readStates);
  const problems: string[] = [];
  const undo: (() => void)[] = [];
  for (const [name, part] of Object.entries(parts)) {
    if (!Object.hasOwn(saved, name)) {
      problems.push(`there is no "${name}", only ${Object.keys(saved).join(", ")}`);
      continue;
    }
    const before = copyTree(stateOf(part));
    try {
      restore(part, saved[name]);
      undo.push(() => restore(part, before));
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
    }
  }
  if (problems.length > 0) {
    for (const step of undo.reverse()) step();
    throw new CheckpointError(
      op,
      `the checkpoint does not fit, ${problems.join(", and ")}`,
      "build everything as it was when it was saved",
    );
  }
  return Object.fromEntries(Object.entries(saved).filter(([name]) => !Object.hasOwn(parts, name)));
}

function readStates(source: Source): Record<string, unknown> {
  const header = openSafetensors(source);
  const { checkpoint } = header.metadata;
  const refuse = (problem: string): never => {
    throw new CheckpointError(op, problem, "pass what saveCheckpoint wrote, or use loadSafetensors");
  };
  if (checkpoint === undefined) return refuse("this is a safetensors file, but no checkpoint");
  const tensorOf = (name: string): Tensor =>
    Object.hasOwn(header.tensors, name)
      ? readTensor(source, header, name)
      : refuse(`the tensor "${name}" of the checkpoint is missing`);
  let content: { readonly version?: unknown; readonly parts?: unknown };
  try {
    content = JSON.parse(checkpoint);
  } catch (error) {
    return refuse(`the states are not JSON, ${(error as Error).message}`);
  }
  const { version, parts } = content ?? {};
  if (version !== 1) refuse(`the version of the checkpoint is ${String(version)}, not 1`);
  if (typeof parts !== "object" || parts === null || Array.isArray(parts)) return refuse("it has no parts");
  return fromJson(parts, tensorOf) as Record<string, unknown>;
}
