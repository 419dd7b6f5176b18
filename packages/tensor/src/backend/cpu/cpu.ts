import { CpuBackend } from "./cpu-backend";
import { float32Memory, float64Memory } from "./float32";
import { map } from "./js/map";
import { matmul } from "./js/matmul";
import { reduce } from "./js/reduce";
import { reference } from "./reference";

/** Where everything runs unless told otherwise. */
export const cpuFloat32 = new CpuBackend("float32", float32Memory, { name: "js", map, reduce, matmul });

/** The checking precision. */
export const cpuFloat64 = new CpuBackend("float64", float64Memory, reference);
