import type { Backend } from "@thalweg/kernels";
import { CpuBackend } from "./cpu-backend";
import { float32Tier, memory } from "./float32";
import { reference } from "./reference";

/** The default backend. Its float64 is for checks, and computed by the reference. */
export const cpu: Backend = new CpuBackend(memory, float32Tier, reference);
