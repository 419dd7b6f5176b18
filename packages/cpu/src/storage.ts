import type { Backend, DType, ElementArray, View } from "@thalweg/kernels";
import { elementTypes, inMemory, Storage } from "@thalweg/kernels";
import type { Cell, Heap } from "./heap/heap";
import type { HeapArray } from "./wasm/runtime/linear-memory";

/** Zeros; throws a DeviceError, as of `op`, where there is no memory for them. */
export function newArray(dtype: DType, size: number, op = "cpu"): ElementArray {
  if (dtype === "float32") return inMemory(op, size, () => new Float32Array(size));
  return inMemory(op, size, () => elementTypes[dtype].array(size));
}

/** From this many elements on, tensors live in the heap, where WebAssembly can reach them. */
export const minHeapSize = 1024;

/** Elements in an array of their own, or, when there are many, in a cell of the heap. */
export class CpuStorage extends Storage {
  private own: ElementArray | null;
  private place: Cell | null;

  constructor(backend: Backend, dtype: DType, size: number, own: ElementArray | null, cell: Cell | null) {
    super(backend, dtype, size);
    this.own = own;
    this.place = cell;
  }

  /** Where the heap has the elements, if it has them. */
  get cell(): Cell | null {
    return this.place;
  }

  /** The elements. Not to be kept: they move as the heap fills. */
  get array(): ElementArray {
    return this.own ?? this.place!.array;
  }

  /** Puts the elements in the care of a heap that was not there, or full, when they were made. */
  adopt(heap: Heap): Cell {
    this.place ??= heap.adopt(this.own as HeapArray);
    this.own = null;
    return this.place;
  }

  override free(): void {
    this.place?.release();
  }
}

/** The elements behind a view that is known to live on the CPU. */
export function arrayOf(view: View): ElementArray {
  return (view.storage as CpuStorage).array;
}
