import type { Operand, View } from "../backend/backend";
import { isView } from "../backend/backend";
import type { MapCall, MatmulCall } from "./call";
import { Chain } from "./chain";
import { fuseEpilogue } from "./fuse-epilogue";
import { isPlain, queued, WaitingMaps } from "./fuse-maps";

/** A device that is launched on and not waited for. */
export interface Launcher {
  /** Launches maps as one kernel. Outputs that are abandoned may have no memory, and are not written. */
  maps(chain: Chain, outputs: readonly View[], inputs: readonly Operand[]): void;
  /** Launches a product of matrices. */
  matmul(call: MatmulCall): void;
  /** Whether one kernel can reach all of these. */
  fits(operands: readonly Operand[]): boolean;
  /** Something waits: {@link KernelQueue.flush} must be called before anything else is launched. */
  waiting(): void;
}

/** Calls that wait for those that come after them, so that several can be one kernel: one product at most, then maps. */
export class KernelQueue {
  private readonly launcher: Launcher;
  private product: MatmulCall | null = null;
  private maps: WaitingMaps | null = null;

  constructor(launcher: Launcher) {
    this.launcher = launcher;
  }

  map({ program, outputs, inputs }: MapCall): void {
    if (outputs[0]!.layout.size === 0) return;
    const { launcher, maps } = this;
    const plain = isPlain(outputs, inputs);
    if (plain && maps?.extend(program, outputs, inputs, (all) => launcher.fits(all))) return;
    if (maps !== null || !plain) this.flush();
    if (!plain) {
      launcher.maps(Chain.of(program), outputs, inputs);
      return;
    }
    this.maps = new WaitingMaps(program, outputs, inputs);
    if (this.product === null) launcher.waiting();
  }

  matmul(call: MatmulCall): void {
    if (call.out.layout.size === 0) return;
    this.flush();
    for (const view of viewsOf(call)) queued(view).enqueue();
    this.product = call;
    this.launcher.waiting();
  }

  /** Launches what waits. */
  flush(): void {
    const { launcher, product, maps } = this;
    this.product = this.maps = null;
    const fused = product && maps && fuseEpilogue(product, maps);
    try {
      if (fused) launcher.matmul(fused);
      else {
        if (product) launcher.matmul(product);
        if (maps) launcher.maps(maps.chain, maps.outputs, maps.inputs);
      }
    } finally {
      maps?.release();
      if (product) for (const view of viewsOf(product)) queued(view).dequeue();
    }
  }
}

function viewsOf({ out, a, b, epilogue }: MatmulCall): readonly View[] {
  return [out, a, b, ...(epilogue?.operands.filter(isView) ?? [])];
}
