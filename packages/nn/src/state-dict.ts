import { Tensor, ThalwegError } from "@thalweg/tensor";
import {
  boolean,
  describe,
  formatShape,
  kind,
  optional,
  options,
  otherCopy,
  prepareCopy,
  type Signature,
  sameShape,
} from "@thalweg/tensor/internal";

/** Tensors by the path that leads to them: the {@link Module.stateKey keys} of properties, joined by dots. */
export type StateDict = Record<string, Tensor>;

/** The differences that {@link Module.loadStateDict} found. */
export interface LoadReport {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** Options of {@link Module.loadStateDict}. */
export interface LoadOptions {
  /** Whether names that are missing or unexpected are errors; true unless given. */
  readonly strict?: boolean;
}

const stateKind = /* @__PURE__ */ kind("an object of tensors", (value) => typeof value === "object");

/** The arguments of `loadStateDict`. Null is a state that lacks everything. */
export const loadSignature: Signature = {
  state: /* @__PURE__ */ optional(stateKind),
  options: /* @__PURE__ */ options<LoadOptions>({ strict: boolean }),
};

/** Checks a saved state against the tensors to load it into; returns a function that copies it and cannot fail. */
export function prepareLoad(
  own: ReadonlyMap<string, Tensor>,
  state: StateDict,
  strict: boolean,
): () => LoadReport {
  const given = new Map(Object.entries(state ?? {}));
  // A tensor with several names, such as tied weights, is there when one of them is.
  const loaded = new Set([...own].flatMap(([name, tensor]) => (given.has(name) ? [tensor] : [])));
  const missing = [...own].flatMap(([name, tensor]) => (loaded.has(tensor) ? [] : [name]));
  const unexpected = [...given.keys()].filter((name) => !own.has(name));
  const problems: string[] = [];
  if (strict) {
    for (const name of missing) problems.push(`"${name}" is missing`);
    for (const name of unexpected) problems.push(`"${name}" is unexpected`);
  }
  for (const [name, tensor] of own) {
    if (!given.has(name)) continue;
    const saved: unknown = given.get(name);
    if (!(saved instanceof Tensor))
      problems.push(`"${name}" is ${otherCopy(saved) ?? `${describe(saved)}, not a tensor`}`);
    else if (!sameShape(saved.shape, tensor.shape)) {
      problems.push(`"${name}" has shape ${formatShape(saved.shape)}, not ${formatShape(tensor.shape)}`);
    }
  }
  if (problems.length > 0) {
    throw new ThalwegError(
      "loadStateDict",
      `the state does not fit, ${problems.join(", ")}`,
      "build the model as it was when it was saved, or pass { strict: false } for other names",
    );
  }
  const storages = new Set(Array.from(own.values(), ({ storage }) => storage));
  const writes = [...own].flatMap(([name, tensor]) => {
    const saved = given.get(name);
    if (saved === undefined) return [];
    const isWritten = saved.storage !== tensor.storage && storages.has(saved.storage);
    return prepareCopy("loadStateDict", tensor, saved, isWritten);
  });
  return () => {
    for (const write of writes) write();
    return { missing, unexpected };
  };
}
