/** A buffer of the device. */
export interface Memory {
  /** The number by which caches know the buffer. */
  readonly id: number;
  readonly buffer: GPUBuffer;
  /** Whether many tensors share it. */
  readonly isShared: boolean;
}

/** Room for the elements of a tensor: a buffer, or a part of one. */
export interface Block {
  readonly memory: Memory;
  /** Offset in the buffer, in elements; a multiple of 64. */
  readonly start: number;
  readonly bytes: number;
  /** The last batch of commands that may use the block. It may not have been submitted yet. */
  batch: number;
}
