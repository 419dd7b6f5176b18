import { type Backend, type DType, internal, QueuedStorage, type View } from "@thalweg/kernels";
import type { Block } from "./block";

/** The block of a storage; null once it was released. The finalizer shares it, so a block is never released twice. */
export interface Lease {
  block: Block | null;
}

/** A storage in the memory of the device. */
export class GpuStorage extends QueuedStorage {
  readonly lease: Lease;
  private readonly giveBack: (lease: Lease) => void;

  constructor(backend: Backend, dtype: DType, size: number, lease: Lease, giveBack: (lease: Lease) => void) {
    super(backend, dtype, size);
    this.lease = lease;
    this.giveBack = giveBack;
  }

  get block(): Block {
    const { block } = this.lease;
    if (block === null) throw internal("a tensor was used after its memory was freed");
    return block;
  }

  override free(): void {
    this.giveBack(this.lease);
  }
}

/** The block of a view, which has to be on the device. */
export function blockOf(view: View): Block {
  return (view.storage as GpuStorage).block;
}

/** Whether the elements are ints. Bool is stored as ints, too. */
export function isInt({ storage }: View): boolean {
  return storage.dtype !== "float32";
}
