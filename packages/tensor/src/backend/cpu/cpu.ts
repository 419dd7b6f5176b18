import { CpuBackend } from "./cpu-backend";
import { map } from "./js/map";
import { matmul } from "./js/matmul";
import { reduce } from "./js/reduce";
import { reference } from "./reference";

/** Where everything runs unless told otherwise. */
export const cpuFloat32 = new CpuBackend("float32", { map, reduce, matmul });

/** The checking precision. */
export const cpuFloat64 = new CpuBackend("float64", reference);
