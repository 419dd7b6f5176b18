/** A buffer of the device. */
export interface Memory {
  /** Names it in caches. */
  readonly id: number;
  readonly buffer: GPUBuffer;
}

/** Room for the elements of a tensor: a buffer, or a part of one. */
export interface Block {
  readonly memory: Memory;
  /** Where it starts in the buffer, counted in elements: a multiple of 64. */
  readonly start: number;
  readonly bytes: number;
  /** The batch of commands that may still read or write it, should that not have been submitted yet. */
  batch: number;
}
