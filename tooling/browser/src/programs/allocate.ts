import { arange, memoryStats, type Tensor } from "thalweg";
import { pause } from "./pause";

/** Elements in 4 MiB. */
const size = 2 ** 20;

/** Checks `count` tensors of 4 MiB, each when it is made and again once all exist. */
export async function allocate(count: number) {
  const first = arange(size);
  // Until WebAssembly is loaded, tensors are ordinary arrays.
  while (memoryStats().reservedBytes === 0) await pause();
  const tensors: Tensor[] = [];
  const early: number[][] = [];
  for (let i = 0; i < count; i++) {
    tensors.push(first.add(i));
    early.push(look(tensors[i]!));
  }
  const { heapTensors, reservedBytes } = memoryStats();
  return { early, late: tensors.map(look), heapTensors, reservedBytes };
}

function look(x: Tensor): number[] {
  return [x.slice(0).item(), x.slice(size / 2).item(), x.slice(-1).item(), x.sum().item()];
}
