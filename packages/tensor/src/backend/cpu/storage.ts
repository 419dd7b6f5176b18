import type { Backend, View } from "../backend";
import { Storage } from "../backend";
import type { Cell } from "./heap/heap";

export type CpuArray = Float32Array | Float64Array;

/** Elements in an array of their own, or, when there are many, in a cell of the heap. */
export class CpuStorage extends Storage {
  /** The elements, unless there is a cell. */
  private own: CpuArray | null;
  readonly cell: Cell | null;

  constructor(backend: Backend, size: number, own: CpuArray | null, cell: Cell | null) {
    super(backend, size);
    this.own = own;
    this.cell = cell;
  }

  /** The elements. Not to be kept: they move as the heap fills. */
  get array(): CpuArray {
    return this.own ?? this.cell!.array;
  }

  override release(): void {
    this.cell?.release();
  }
}

/** The elements behind a view that is known to live on the CPU. */
export function arrayOf(view: View): CpuArray {
  return (view.storage as CpuStorage).array;
}
