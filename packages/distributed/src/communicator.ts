/** What a collective sends: elements in the memory of the process, or in memory that it shares with its workers. */
export type Elements = Float32Array | Float64Array | Int32Array | Uint8Array;

/** How a reduction combines the elements of the ranks. */
export type ReduceOp = "sum" | "max" | "min";

/** A collective that has been started. */
export interface Work {
  /**
   * Returns when the collective has ended. Its buffer must not be touched before.
   *
   * @throws DistributedError when another rank has failed, or does not come within the timeout.
   */
  wait(): void;
}

/**
 * Some processes, or workers of one, that compute together. Each has a rank, from 0 to `size - 1`. All must call the same
 * collectives in the same order, with buffers of the same type and length; a call returns when this rank's part is done.
 *
 * @throws DistributedError from every collective: when ranks do not agree in what they call, when a rank has failed, and
 *   when one does not come within the timeout.
 */
export interface Communicator {
  /** This process among all, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** What carries the messages, such as "Open MPI 4.1.4"; for logs. */
  readonly transport: string;
  /**
   * Combines the buffers of all ranks, element by element, by their sum unless `op` is given; afterwards all have the result, to
   * the bit. The maximum or minimum of floats is NaN where a rank has NaN, and 0 is above -0.
   */
  allReduce(buffer: Elements, op?: ReduceOp): void;
  /**
   * Starts {@link allReduce}, by the sum unless `op` is given, and lets this process go on. Collectives that are started end in the
   * order of their start, and before one that is called later. Over MPI it does not compare what the ranks call, unless `init` is
   * told to.
   */
  startAllReduce(buffer: Elements, op?: ReduceOp): Work;
  /** Copies the buffer of the rank `root`, which is 0 unless given, to all. */
  broadcast(buffer: Elements, root?: number): void;
  /** Joins the elements of all ranks in their order; `all` is `size` times as long as `own`, which may be its part of it. */
  allGather(own: Elements, all: Elements): void;
  /**
   * Combines the buffers `all`, by their sum unless `op` is given, and leaves each rank its part of the result in `own`; `all` is
   * `size` times as long, and stays as it is. `own` may be its part of `all`.
   */
  reduceScatter(all: Elements, own: Elements, op?: ReduceOp): void;
  /** Returns when all ranks have called it. */
  barrier(): void;
  /** Ends all ranks, with this message and an exit code other than 0. Workers of one process throw it instead. */
  abort(message: string): never;
  /**
   * Leaves the world, after what was started has ended. No collective can be called any more. Processes wait here until all have
   * called it. Nothing happens if it was left before.
   */
  close(): void;
}
