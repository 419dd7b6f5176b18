import type { Backend, DType, Storage, View } from "@thalweg/kernels";

/**
 * Where the memory of a slot comes from:
 * - `input`: the storage of an argument, another one at every call
 * - `gradient`: the storage of the gradient that a tensor has before the call
 * - `outside`: a storage that was there before, such as that of a parameter
 * - `constant`: elements that the host made while the program was recorded
 * - `made`: memory of the program
 */
export type Origin = "input" | "gradient" | "outside" | "constant" | "made";

/** Stands for a storage in a program that is being made. */
export class Slot {
  readonly backend: Backend;
  readonly dtype: DType;
  readonly size: number;
  origin: Origin;
  /** The storage while it was recorded, or that of a constant. */
  storage: Storage;
  /** The number that it is filled with at the call `madeAt`, or elements to copy; undefined for neither. */
  initial: number | Storage | undefined;
  /** The number of calls before it was made. */
  readonly madeAt: number;
  /** The number of calls that write it. */
  writes = 0;
  /** Whether something besides the calls of the program can see its elements. */
  isVisible = false;

  /** A slot of memory that a program needs for itself. */
  static of(backend: Backend, dtype: DType, size: number): Slot {
    return new Slot({ backend, dtype, size } as Storage, "made", 0);
  }

  constructor(storage: Storage, origin: Origin, madeAt: number) {
    this.backend = storage.backend;
    this.dtype = storage.dtype;
    this.size = storage.size;
    this.storage = storage;
    this.origin = origin;
    this.madeAt = madeAt;
  }

  /** Whether it has another storage at every run. */
  get isBound(): boolean {
    return this.origin === "input" || this.origin === "gradient" || this.isVisible;
  }

  /** Whether nothing but the calls of the program uses it. */
  get isInner(): boolean {
    return this.origin === "made" && !this.isVisible;
  }
}

/** The slot that a view of a program under construction refers to. */
export function slotOf(view: View): Slot {
  return view.storage as unknown as Slot;
}
