import type { Backend } from "@thalweg/kernels";
import { CpuBackend } from "./cpu-backend";
import { memory, narrowTier } from "./narrow";
import { reference } from "./reference";

/** The default backend. Its float64 is for checks, and computed by the reference. */
export const cpu: Backend = new CpuBackend(memory, narrowTier, reference);
