import { isView, type Operand, type View } from "../backend/backend";
import type { MapCall, MatmulCall, ReduceCall } from "./call";
import { Chain } from "./chain";
import { fuseEpilogue } from "./fuse-epilogue";
import { isPlain, queued, WaitingMaps } from "./fuse-maps";
import { fuseReduce, mayFollow } from "./fuse-reduce";

/** A device that is launched on and not waited for. */
export interface Launcher {
  /** Launches maps as one kernel. Outputs that are abandoned may have no memory, and are not written. */
  maps(chain: Chain, outputs: readonly View[], inputs: readonly Operand[]): void;
  /** Launches a product of matrices. */
  matmul(call: MatmulCall): void;
  /** Launches a reduction. */
  reduce(call: ReduceCall): void;
  /** Whether one kernel can reach all of these. */
  fits(operands: readonly Operand[]): boolean;
  /** Something waits: {@link KernelQueue.flush} must be called before anything else is launched. */
  waiting(): void;
}

/**
 * Calls that wait for those that come after them, so that several can be one kernel: one product at most, then maps, then
 * one reduction of what the maps compute.
 */
export class KernelQueue {
  private readonly launcher: Launcher;
  private product: MatmulCall | null = null;
  private maps: WaitingMaps | null = null;
  private reduction: ReduceCall | null = null;

  constructor(launcher: Launcher) {
    this.launcher = launcher;
  }

  /** Takes a map: it joins those that wait, or launches them first. */
  map({ program, outputs, inputs }: MapCall): void {
    if (outputs[0]!.layout.size === 0) return;
    const { launcher, maps } = this;
    const plain = isPlain(outputs, inputs);
    if (
      this.reduction === null &&
      plain &&
      maps?.extend(program, outputs, inputs, (all) => launcher.fits(all))
    )
      return;
    if (maps !== null || !plain) this.flush();
    if (!plain) {
      launcher.maps(Chain.of(program), outputs, inputs);
      return;
    }
    this.maps = new WaitingMaps(program, outputs, inputs);
    if (this.product === null) launcher.waiting();
  }

  /** Takes a product, which waits for maps that follow it. */
  matmul(call: MatmulCall): void {
    if (call.out.layout.size === 0) return;
    this.flush();
    for (const view of viewsOf(call)) queued(view).enqueue();
    this.product = call;
    this.launcher.waiting();
  }

  /** Takes a reduction: it joins the maps that it reads, or launches them first. */
  reduce(call: ReduceCall): void {
    const { launcher, maps } = this;
    const views = viewsOf(call);
    const waits =
      maps !== null &&
      this.reduction === null &&
      mayFollow(maps, call) &&
      launcher.fits([...views, ...maps.inputs]);
    if (waits) {
      for (const view of views) queued(view).enqueue();
      // The tape lets go of inputs in the array that it shares with the call.
      this.reduction = { ...call, inputs: [...call.inputs] };
    } else {
      this.flush();
      launcher.reduce(call);
    }
  }

  /** Launches what waits. */
  flush(): void {
    const { product, maps, reduction } = this;
    this.product = this.maps = this.reduction = null;
    try {
      this.launch(product, maps, reduction);
    } finally {
      maps?.release();
      for (const call of [product, reduction]) {
        if (call !== null) for (const view of viewsOf(call)) queued(view).dequeue();
      }
    }
  }

  private launch(product: MatmulCall | null, maps: WaitingMaps | null, reduction: ReduceCall | null): void {
    const { launcher } = this;
    const reduced = maps && reduction && fuseReduce(maps, reduction);
    if (reduced) {
      if (product) launcher.matmul(product);
      launcher.reduce(reduced);
      return;
    }
    // What the reduction reads is wanted, even if nothing else can reach it.
    const read = reduction ? viewsOf(reduction) : [];
    for (const { storage } of read) storage.retain();
    const mapped = product && maps && fuseEpilogue(product, maps);
    if (mapped) launcher.matmul(mapped);
    else {
      if (product) launcher.matmul(product);
      if (maps) launcher.maps(maps.chain, maps.outputs, maps.inputs);
    }
    if (reduction) launcher.reduce(reduction);
    for (const { storage } of read) storage.release();
  }
}

function viewsOf(call: MatmulCall | ReduceCall): readonly View[] {
  if (call.kind === "reduce") return [call.out, ...call.inputs.filter(isView)];
  const { out, a, b, epilogue } = call;
  return [out, a, b, ...(epilogue?.operands.filter(isView) ?? [])];
}
