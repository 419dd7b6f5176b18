import type { Call } from "./call";

/** What carries the messages of a world. */
export interface Carrier {
  readonly rank: number;
  readonly size: number;
  /** Its name, for logs. */
  readonly name: string;
  /**
   * Does a call, before which all earlier ones have ended.
   *
   * @param op the name of the function that was called
   * @throws DistributedError on all ranks, before anything is sent, when they differ in their calls.
   */
  run(op: string, call: Call): void;
  /** Starts a call. The result does the rest, after that of all earlier ones was called. */
  start(op: string, call: Call): () => void;
  /** Ends all ranks. */
  abort(message: string): never;
  /** Leaves the world; after an error, without the others. */
  close(failed: boolean): void;
}
