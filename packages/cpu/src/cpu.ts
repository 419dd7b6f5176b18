import type { Backend } from "@thalweg/kernels";
import { CpuBackend } from "./cpu-backend";
import { memory, narrowTier } from "./narrow";
import { reference } from "./reference";

/** Where everything runs unless told otherwise. Float64 is for checking: it is computed by the reference. */
export const cpu: Backend = new CpuBackend(memory, narrowTier, reference);
