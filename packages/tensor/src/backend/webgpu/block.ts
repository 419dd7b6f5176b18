/** A buffer of the device. */
export interface Block {
  /** Names it in caches. */
  readonly id: number;
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  /** The batch of commands that may still read or write it, should that not have been submitted yet. */
  batch: number;
}
