import type { Assembler } from "../assembler/assembler";
import type { Kernel, Runtime } from "./runtime";

const compiled = new WeakMap<Runtime, Map<string, Kernel>>();

/** The kernel with this name, compiled at its first use in this runtime. */
export function kernelOf(runtime: Runtime, name: string, emit: () => Assembler): Kernel {
  let kernels = compiled.get(runtime);
  if (kernels === undefined) {
    kernels = new Map();
    compiled.set(runtime, kernels);
  }
  let kernel = kernels.get(name);
  if (kernel === undefined) {
    kernel = runtime.compile(emit());
    kernels.set(name, kernel);
  }
  return kernel;
}
