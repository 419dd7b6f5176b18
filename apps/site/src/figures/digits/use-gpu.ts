import { onMounted, shallowRef } from "vue";

/** What this browser lacks to train on a GPU; undefined if it lacks nothing, and until it has answered. */
export function useGpu() {
  const lack = shallowRef<"interface" | "adapter">();
  onMounted(async () => {
    const gpu = (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu;
    if (gpu === undefined) lack.value = "interface";
    else if ((await gpu.requestAdapter()) === null) lack.value = "adapter";
  });
  return lack;
}
