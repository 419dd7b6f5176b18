import type { Backend, DType, ElementArray, View } from "@thalweg/kernels";
import { elementTypes, inMemory, Storage } from "@thalweg/kernels";
import type { Cell, Heap } from "./heap/heap";
import type { HeapArray } from "./wasm/runtime/linear-memory";

/** An array of zeros; throws a DeviceError that names `op` when memory runs out. */
export function newArray(dtype: DType, size: number, op = "cpu"): ElementArray {
  if (dtype === "float32") return inMemory(op, size, () => new Float32Array(size));
  return inMemory(op, size, () => elementTypes[dtype].array(size));
}

/** From this many elements on, tensors are in the heap, where WebAssembly can reach them. */
export const minHeapSize = 1024;

/** A storage whose elements are in an array of their own, or, if there are many, in a cell of the heap. */
export class CpuStorage extends Storage {
  private own: ElementArray | null;
  private place: Cell | null;

  constructor(backend: Backend, dtype: DType, size: number, own: ElementArray | null, cell: Cell | null) {
    super(backend, dtype, size);
    this.own = own;
    this.place = cell;
  }

  /** The cell of the elements; null unless the heap manages them. */
  get cell(): Cell | null {
    return this.place;
  }

  /** The elements. Callers must not keep the array, because elements move as the heap fills. */
  get array(): ElementArray {
    return this.own ?? this.place!.array;
  }

  /** Hands the elements to the heap, which was not there, or full, when they were made. */
  adopt(heap: Heap): Cell {
    this.place ??= heap.adopt(this.own as HeapArray);
    this.own = null;
    return this.place;
  }

  override free(): void {
    this.place?.release();
  }
}

/** The elements of the storage of a view, which must be on the CPU. */
export function arrayOf(view: View): ElementArray {
  return (view.storage as CpuStorage).array;
}
