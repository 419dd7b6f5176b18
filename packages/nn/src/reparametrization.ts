import { type Tensor, ThalwegError } from "@thalweg/tensor";
import { kind, replay } from "@thalweg/tensor/internal";
import { nameOf } from "./guard";
import { Module } from "./module";
import { Parameter } from "./parameter";

/** A parameter that is computed of others. */
export interface Reparametrization {
  /** The function that made it, such as `weightNorm`. */
  readonly op: string;
  /** Names of the properties that it is computed of. */
  readonly parts: readonly string[];
  /** Its value; `isTraining` in a `forward` while training, once for each. */
  compute(isTraining: boolean): Tensor;
}

interface Computed extends Reparametrization {
  /** The value during `forward`. */
  now: Tensor | null;
}

/** The computed parameters of modules, by property. */
const known = /* @__PURE__ */ new WeakMap<Module, Map<string, Computed>>();

export const moduleKind = /* @__PURE__ */ kind("a module", (value) => value instanceof Module);

/** Members of modules that are protected. */
interface Registering {
  registerParameter(name: string, value: Parameter): Parameter;
  registerBuffer(name: string, value: Tensor): Tensor;
  stateKey(property: string): string;
}

export const registering = (module: Module): Registering => module as unknown as Registering;

/** The parameter of this name; throws if there is none, or it is computed already. */
export function parameterNamed(op: string, module: Module, name: string): Parameter {
  const value: unknown = Reflect.get(module, name);
  if (value instanceof Parameter) return value;
  const other = known.get(module)?.get(name);
  throw new ThalwegError(
    op,
    `${nameOf(module)} has no parameter "${name}"${other ? `, ${other.op} computes it` : ""}`,
    other ? "apply one of them" : "give the name of a property that holds a parameter",
  );
}

/** Replaces a parameter by one that is computed before every `forward`. */
export function reparametrize(module: Module, name: string, parts: Reparametrization): void {
  module.$release(name);
  const computed: Computed = { ...parts, now: null };
  const all = known.get(module) ?? new Map<string, Computed>();
  if (all.size === 0) {
    known.set(module, all);
    computeBefore(module, all);
  }
  all.set(name, computed);
  Object.defineProperty(module, name, {
    configurable: true,
    get: () => computed.now ?? computed.compute(false),
    set() {
      throw new ThalwegError(
        nameOf(module),
        `"${name}" is computed by ${parts.op}, of ${parts.parts.join(" and ")}`,
        "assign these, or remove it first",
      );
    },
  });
}

/** Gives the module a `forward` that computes them first, and keeps them until it is done. */
function computeBefore(module: Module, all: ReadonlyMap<string, Computed>): void {
  const forward = function (this: Module, ...inputs: never[]): unknown {
    const values = [...all.values()];
    const before = values.map(({ now }) => now);
    try {
      for (const value of values) value.now = value.compute(module.training && !replay.running);
      const run = Object.getPrototypeOf(module).forward as Module["forward"];
      return run.apply(module, inputs);
    } finally {
      values.forEach((value, i) => {
        value.now = before[i]!;
      });
    }
  };
  Object.defineProperty(module, "forward", { configurable: true, writable: true, value: forward });
}

/** Makes a parameter of what was computed, and forgets its parts. Throws unless `op` computes it. */
export function undo(remove: string, op: string, module: Module, name: string): void {
  const all = known.get(module);
  const computed = all?.get(name);
  if (computed?.op !== op) {
    const what = `${op} does not compute "${name}" of ${nameOf(module)}`;
    throw new ThalwegError(remove, what, "give the name that it was applied to");
  }
  const value = computed.compute(false).detach();
  for (const part of computed.parts) module.$release(part);
  all!.delete(name);
  Reflect.deleteProperty(module, name);
  if (all!.size === 0) Reflect.deleteProperty(module, "forward");
  registering(module).registerParameter(name, new Parameter(value));
}
