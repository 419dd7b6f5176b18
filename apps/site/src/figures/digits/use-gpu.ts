import { onMounted, shallowRef } from "vue";

/** Why this browser trains on no GPU; undefined where it can, and until it has answered. */
export type Lack = "interface" | "adapter" | undefined;

/** Asks the browser for a GPU. */
export function useGpu() {
  const lack = shallowRef<Lack>();
  onMounted(async () => {
    const gpu = (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu;
    if (gpu === undefined) lack.value = "interface";
    else if ((await gpu.requestAdapter()) === null) lack.value = "adapter";
  });
  return lack;
}
