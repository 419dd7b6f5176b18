import type { Backend } from "@thalweg/kernels";
import { CpuBackend } from "./cpu-backend";
import { float32Memory, float32Tier, float64Memory } from "./float32";
import { reference } from "./reference";

/** Where everything runs unless told otherwise. */
export const cpuFloat32: Backend = new CpuBackend("float32", float32Memory, float32Tier);

/** The checking precision. */
export const cpuFloat64: Backend = new CpuBackend("float64", float64Memory, reference);
