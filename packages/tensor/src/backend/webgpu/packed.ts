import { Layout } from "../../layout/layout";
import type { Operand, View } from "../backend";
import type { Block } from "./block";
import type { Gpu } from "./gpu";
import { blockOf, GpuStorage } from "./storage";

/**
 * Runs a kernel on more buffers than it can have: copies them into one, and back from there what was
 * written.
 */
export function packed(
  gpu: Gpu,
  outputs: readonly View[],
  inputs: readonly Operand[],
  run: (outputs: readonly View[], inputs: readonly Operand[]) => void,
): void {
  const { recorder, pool } = gpu;
  /** Where the elements of a block stand among those of all. */
  const starts = new Map<Block, number>();
  let total = 0;
  for (const view of [...outputs, ...inputs]) {
    if (typeof view === "number" || starts.has(blockOf(view))) continue;
    starts.set(blockOf(view), total);
    total += 4 * Math.ceil(view.storage.size / 4);
  }
  const block = gpu.acquire(total, [total], { whole: true });
  const storage = new GpuStorage(outputs[0]!.storage.backend, total, { block }, () => {});
  const moved = (view: View): View => {
    const { shape, strides, offset } = view.layout;
    return { storage, layout: new Layout(shape, strides, offset + starts.get(blockOf(view))!) };
  };
  const copied = new Set<Block>();
  for (const view of [...outputs, ...inputs]) {
    if (typeof view === "number" || copied.has(blockOf(view))) continue;
    const from = blockOf(view);
    copied.add(from);
    recorder.copy(from, 0, block, 4 * starts.get(from)!, 4 * view.storage.size);
  }
  run(
    outputs.map(moved),
    inputs.map((input) => (typeof input === "number" ? input : moved(input))),
  );
  for (const output of outputs) {
    const to = blockOf(output);
    recorder.copy(block, 4 * starts.get(to)!, to, 0, 4 * output.storage.size);
  }
  pool.release(block, recorder.batch);
}
