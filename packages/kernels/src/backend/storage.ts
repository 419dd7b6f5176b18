import type { DType } from "../scalar/dtype";
import { recorder } from "../schedule/recorder";
import type { Backend } from "./backend";

/**
 * Flat memory of one device, which views share. Each backend has its own subclass.
 *
 * A storage is *exposed* at first: code outside of the library can reach it, and the garbage collector ends its
 * life. It becomes *temporary* when only the library can reach it, and is then freed with its last holder.
 *
 * | state     | `expose()` | `expire()`, last `dispose()` | last `release()` |
 * | --------- | ---------- | ---------------------------- | ---------------- |
 * | exposed   | exposed    | freed, or temporary if held  | exposed          |
 * | temporary | exposed    | temporary                    | freed            |
 */
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
    recorder?.allocated(this);
  }

  /** Frees the memory at once. Only for storages that nothing can reach any more. */
  abstract free(): void;

  /** The number of {@link retain}s that were not released. */
  private holders = 0;
  /** Whether only the library can reach it, so that it is freed with its last holder. */
  private temporary = false;
  /** The number of tensors on it that were not disposed of. */
  private tensors = 0;
  private disposed = false;

  /** Adds a holder: a temporary storage is not freed before {@link release}. @internal */
  retain(): void {
    this.holders++;
  }

  /** Removes a holder; with the last one a temporary storage is freed. @internal */
  release(): void {
    if (--this.holders === 0 && this.temporary) this.free();
  }

  /** The number of kernel calls in a queue among the holders: 0 where calls do not wait. */
  protected get waiting(): number {
    return 0;
  }

  /** Whether nothing but kernel calls in a queue can reach it. @internal */
  get isAbandoned(): boolean {
    return this.temporary && this.holders === this.waiting;
  }

  /** Whether code outside of the library can reach it. @internal */
  get isExposed(): boolean {
    return !this.temporary;
  }

  /** Code outside of the library can reach it from now on. @internal */
  expose(): void {
    this.temporary = false;
  }

  /** Whether it has a holder. @internal */
  get isHeld(): boolean {
    return this.holders > 0;
  }

  /** Counts a tensor on it. @internal */
  share(): void {
    this.tensors++;
  }

  /** A tensor on it was disposed of: it expires with the last of them. @internal */
  dispose(): void {
    if (--this.tensors > 0) return;
    this.disposed = true;
    this.expire();
  }

  /** Whether its memory was freed because all of its tensors were disposed of. @internal */
  get isDisposed(): boolean {
    return this.disposed && this.holders === this.waiting;
  }

  /** Takes the memory away from all tensors on it. @internal */
  leave(): void {
    this.disposed = true;
    this.expire();
  }

  /** Only the library can reach it from now on: it is freed as soon as it has no holder. @internal */
  expire(): void {
    this.temporary = true;
    if (this.holders === 0) this.free();
  }
}

/** A storage of a device whose kernel calls wait in a queue. */
export abstract class QueuedStorage extends Storage {
  private calls = 0;

  /** Makes a kernel call a holder: the memory is kept until {@link dequeue}. @internal */
  enqueue(): void {
    this.retain();
    this.calls++;
  }

  /** The kernel call was launched. @internal */
  dequeue(): void {
    this.calls--;
    this.release();
  }

  protected override get waiting(): number {
    return this.calls;
  }
}
