import { Layout } from "@thalweg/kernels";
import type { Block } from "../device/block";
import type { Gpu } from "../device/gpu";
import type { Place } from "../device/place";
import type { Source } from "./map";

/**
 * Runs a kernel with more operands than it may bind: copies their blocks into one buffer, and the written ones back.
 */
export function packed(
  gpu: Gpu,
  outputs: readonly Place[],
  inputs: readonly Source[],
  run: (outputs: readonly Place[], inputs: readonly Source[]) => void,
): void {
  const { recorder } = gpu;
  /** The offset of each block in the common buffer. */
  const starts = new Map<Block, number>();
  const places = [...outputs, ...inputs].filter((source) => typeof source !== "number");
  let total = 0;
  for (const { block, size } of places) {
    if (block === null || starts.has(block)) continue;
    starts.set(block, total);
    total += 4 * Math.ceil(size / 4);
  }
  const all = gpu.acquire(total, [total], { whole: true });
  const moved = (place: Place): Place => {
    const { block, isInt, layout } = place;
    if (block === null) return place;
    const offset = layout.offset + starts.get(block)!;
    return { block: all, isInt, layout: new Layout(layout.shape, layout.strides, offset), size: total };
  };
  const copied = new Set<Block>();
  for (const { block, size } of places) {
    if (block === null || copied.has(block)) continue;
    copied.add(block);
    recorder.copy(block, 0, all, 4 * starts.get(block)!, 4 * size);
  }
  run(
    outputs.map(moved),
    inputs.map((input) => (typeof input === "number" ? input : moved(input))),
  );
  for (const { block, size } of outputs) {
    if (block !== null) recorder.copy(all, 4 * starts.get(block)!, block, 0, 4 * size);
  }
  gpu.release(all);
}
