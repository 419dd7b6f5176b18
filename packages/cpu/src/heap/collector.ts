/** The garbage collector, as it can be used in the middle of a job. */
export interface Collector {
  /** Makes the engine forget targets of weak references, which it keeps alive because this job has seen them. */
  forget(): void;
  /** Forgets and collects. Weak references to dead objects are empty afterwards. */
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
 * A collector that can be asked while a job runs, or null where there is none. Engines report dead objects only between
 * jobs. In Node, code in a context with its own microtask queue ends like a job. Unless the process has `gc`, a V8 flag
 * is on while that context is made. The documentation of `setCollector` tells users so, and the function lets them refuse.
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

/** Whether a collection empties weak references that were made in this job. */
function reports({ collect }: Collector): boolean {
  // Several, because the last one may still be in a register.
  const references = Array.from({ length: 8 }, () => new WeakRef({}));
  collect();
  return references.some((reference) => reference.deref() === undefined);
}
