/** The garbage collector, in the middle of a job. */
export interface Collector {
  /** Makes the engine forget the targets of weak references that it keeps because this job has seen them. */
  forget(): void;
  /** Forgets and collects: after that, weak references to what is dead are empty. */
  collect(): void;
}

interface Modules {
  getBuiltinModule?(id: "node:vm"): {
    createContext(globals: object, options: { microtaskMode: "afterEvaluate" }): object;
    readonly Script: new (code: string) => { runInContext(context: object): unknown };
  };
  getBuiltinModule?(id: "node:v8"): { setFlagsFromString(flag: string): void };
}

/**
 * A collector that can be asked while a job goes on, or null where there is none: engines report what is dead
 * between jobs only. In Node, code that is run in a context with microtasks of its own ends like a job. Unless the process
 * has `gc`, a flag of V8 is on while that context is made: `setCollector` says so to users, and lets them refuse.
 */
export function findCollector(): Collector | null {
  try {
    const { process } = globalThis as { process?: Modules };
    const [vm, v8] = [process?.getBuiltinModule?.("node:vm"), process?.getBuiltinModule?.("node:v8")];
    if (vm === undefined || v8 === undefined) return null;
    const isExposed = "gc" in globalThis;
    if (!isExposed) v8.setFlagsFromString("--expose-gc");
    const context = vm.createContext({}, { microtaskMode: "afterEvaluate" });
    if (!isExposed) v8.setFlagsFromString("--no-expose-gc");
    const gc = new vm.Script("gc").runInContext(context) as () => void;
    const nothing = new vm.Script("");
    const forget = () => void nothing.runInContext(context);
    const collector = {
      forget,
      collect() {
        forget();
        gc();
      },
    };
    return reports(collector) ? collector : null;
  } catch {
    return null;
  }
}

/** Whether weak references that were made in this job are emptied. */
function reports({ collect }: Collector): boolean {
  // Several, since the last one may still stand in a register.
  const references = Array.from({ length: 8 }, () => new WeakRef({}));
  collect();
  return references.some((reference) => reference.deref() === undefined);
}
