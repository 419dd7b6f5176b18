import { Generator, type Tensor } from "@thalweg/tensor";
import { checkCopy, describe, named } from "@thalweg/tensor/internal";
import { CheckpointError } from "../errors";
import { isRecord, openSafetensors } from "../safetensors/header";
import { depthOf } from "../safetensors/json";
import { readTensor } from "../safetensors/load-safetensors";
import { type ByteSource, type Source, withSource } from "../source";
import { isPrepared, isStateful, type Stateful } from "./stateful";
import { copyTree, deepest, fromJson } from "./tree";

const op = "loadCheckpoint";

/** The parts that a checkpoint is loaded into, by the names under which they were saved. */
export type CheckpointTargets = Readonly<Record<string, Stateful | Generator>>;

/** The rest of a checkpoint of which these parts are loaded: any values, under other names. */
export type RemainingParts<Parts> = string extends keyof Parts
  ? Record<string, unknown>
  : Record<string, unknown> & { readonly [Name in keyof Parts]?: never };

/**
 * Loads the states that {@link saveCheckpoint} saved into the parts of a program: into all, or, if one does not fit, into
 * none. First every part checks its state, then every part loads it.
 *
 * A program's own object that has `loadStateDict`, but not `prepareLoad`, cannot check beforehand: it loads
 * while the others check. If any part does not fit, it loads its old state again. Such an object has to make sure that it
 * changes nothing when it throws.
 *
 * @param source the path of a file, or its bytes
 * @param parts the parts to restore, by the names under which they were saved: all of them, or only the model; none unless given
 * @returns the rest of the file, by name: plain values, and states of parts that were not asked for. A type
 * parameter gives its type, which is not checked
 * @throws CheckpointError that lists everything that does not fit, in any part, with no part changed.
 * @throws SafetensorsError when the file is damaged.
 * @throws FileError when the file does not exist or cannot be read.
 * @example
 * const model = new Linear(2, 1);
 * const bytes = await saveCheckpoint({ model, epoch: 3 });
 * const { epoch } = await loadCheckpoint<{ epoch: number }>(bytes, { model });
 * epoch + 1; // → 4
 */
export function loadCheckpoint<Parts extends CheckpointTargets>(
  source: ByteSource,
  parts: Parts,
): Promise<RemainingParts<Parts>>;
/** As above, with a type for the rest of the file, which is not checked. */
export function loadCheckpoint<Extras extends object = Record<string, unknown>>(
  source: ByteSource,
  parts?: CheckpointTargets,
): Promise<Extras>;
export async function loadCheckpoint(source: ByteSource, parts: CheckpointTargets = {}): Promise<object> {
  if (!isRecord(parts) || isStateful(parts) || parts instanceof Generator) {
    throw new CheckpointError(
      op,
      `expects parts by name, got ${describe(parts)}`,
      "give each a name: { model }",
    );
  }
  const saved = named(op, () => withSource(op, source, readStates));
  const commits: (() => unknown)[] = [];
  const undo: (() => void)[] = [];
  const problems: string[] = [];
  /** Records errors. */
  const attempt = (name: string, run: () => unknown) => {
    try {
      run();
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : describe(error)}`);
    }
  };
  for (const [name, part] of Object.entries(parts)) {
    if (!Object.hasOwn(saved, name)) {
      problems.push(`there is no "${name}", only ${Object.keys(saved).join(", ")}`);
      continue;
    }
    const state = saved[name] as never;
    attempt(name, () => {
      checkCopy(op, "it", part);
      if (isPrepared(part)) return commits.push(part.prepareLoad(state));
      if (!isStateful(part)) throw new Error(`${describe(part)} cannot be loaded into`);
      const before = copyTree(part.stateDict()) as never;
      part.loadStateDict(state);
      return undo.push(() => attempt(`${name} lost its state`, () => part.loadStateDict(before)));
    });
  }
  if (problems.length > 0) {
    for (const step of undo.reverse()) step();
    throw new CheckpointError(
      op,
      `the checkpoint does not fit, ${problems.join(", and ")}`,
      "build everything as it was when it was saved",
    );
  }
  for (const commit of commits) commit();
  return Object.fromEntries(Object.entries(saved).filter(([name]) => !Object.hasOwn(parts, name)));
}

function readStates(source: Source): Record<string, unknown> {
  const header = openSafetensors(source);
  const { checkpoint } = header.metadata;
  const refuse = (problem: string): never => {
    throw new CheckpointError(op, problem, "pass what saveCheckpoint wrote, or use loadSafetensors");
  };
  if (checkpoint === undefined) return refuse("this is a safetensors file, but not a checkpoint");
  const tensorOf = (name: string): Tensor =>
    Object.hasOwn(header.tensors, name)
      ? readTensor(source, header, name)
      : refuse(`the tensor "${name}" of the checkpoint is missing`);
  if (depthOf(checkpoint) > deepest + 3) return refuse(`the states are more than ${deepest} levels deep`);
  let content: { readonly version?: unknown; readonly parts?: unknown };
  try {
    content = JSON.parse(checkpoint);
  } catch (error) {
    return refuse(`the states are not JSON, ${(error as Error).message}`);
  }
  const { version, parts } = content ?? {};
  if (version !== 1) refuse(`the version of the checkpoint is ${describe(version)}, not 1`);
  if (typeof parts !== "object" || parts === null || Array.isArray(parts)) return refuse("it has no parts");
  return fromJson(parts, tensorOf, refuse) as Record<string, unknown>;
}
