import type { Assembler } from "../assembler/assembler";
import type { Kernel, Runtime } from "./runtime";

/** The kernel with this name, compiled at its first use in this runtime. */
export function kernelOf(runtime: Runtime, name: string, emit: () => Assembler): Kernel {
  let kernel = runtime.kernels.get(name);
  if (kernel === undefined) {
    kernel = runtime.compile(emit());
    runtime.kernels.set(name, kernel);
  }
  return kernel;
}
