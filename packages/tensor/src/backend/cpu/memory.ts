import type { Storage, View } from "../backend";

export type CpuArray = Float32Array | Float64Array;

/** The elements behind a view that is known to live on the CPU. */
export function arrayOf(view: View): CpuArray {
  return (view.storage as Storage<CpuArray>).data;
}
