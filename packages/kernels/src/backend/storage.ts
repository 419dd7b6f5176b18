import type { DType } from "../scalar/dtype";
import type { Backend } from "./backend";

/** Flat memory of one device; views share it. Each backend has its own kind. */
export abstract class Storage {
  readonly backend: Backend;
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  /** Counts in-place writes, so that a gradient rule can tell that what it saved has changed. */
  version = 0;

  constructor(backend: Backend, dtype: DType, size: number) {
    this.backend = backend;
    this.dtype = dtype;
    this.size = size;
  }

  /** Gives the memory back at once. Only for storages that nothing can reach any more. */
  abstract release(): void;

  /** How many places of the library count on it. */
  private holders = 0;
  /** Whether only the library can reach it, so that it may go with its last holder. */
  private temporary = false;
  /** Tensors that show it and were not disposed of. */
  private tensors = 0;
  private disposed = false;

  /** Keeps it until {@link letGo}, should it be temporary. @internal */
  hold(): void {
    this.holders++;
  }

  /** The end of a {@link hold}. @internal */
  letGo(): void {
    if (--this.holders === 0 && this.temporary) this.release();
  }

  /** Somebody outside of the library can reach it from now on. @internal */
  expose(): void {
    this.temporary = false;
  }

  /** Whether anybody holds it. @internal */
  get isHeld(): boolean {
    return this.holders > 0;
  }

  /** A tensor shows it. @internal */
  share(): void {
    this.tensors++;
  }

  /** A tensor that showed it was disposed of: it goes with the last of them, or the last holder. @internal */
  dispose(): void {
    if (--this.tensors > 0) return;
    this.disposed = true;
    this.expire();
  }

  /** Whether its memory was given back because all of its tensors were disposed of. @internal */
  get isDisposed(): boolean {
    return this.disposed && this.holders === 0;
  }

  /** Nobody but the library can reach it: it goes when nobody holds it. @internal */
  expire(): void {
    this.temporary = true;
    if (this.holders === 0) this.release();
  }
}
