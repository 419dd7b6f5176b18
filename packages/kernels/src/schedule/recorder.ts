import type { Backend, View } from "../backend/backend";
import type { Storage } from "../backend/storage";

/** What JavaScript does at every call of a recorded program, besides running kernels. */
export interface HostStep {
  /** Does it again. Returns false, with nothing changed, where the recorded program no longer fits. */
  run(): boolean;
  /** Takes the last {@link run} back. */
  undo(): void;
}

/** Computes numbers anew: undefined if none has changed, null if the recorded program no longer fits. */
export type Renewal = () => ArrayLike<number> | null | undefined;

/**
 * Learns what a computation does besides calling kernels, while it is recorded as a program. Kernel calls come through
 * `pushCallLayer`.
 */
export interface Recorder {
  /** A storage was made, with unspecified contents. */
  allocated(storage: Storage): void;
  /** A new storage was filled with a number. */
  filled(storage: Storage, value: number): void;
  /** A new storage has elements from the host, which are constants of the program. */
  uploaded(storage: Storage): void;
  /** The library keeps a storage for later calls, such as the state of an optimizer. */
  kept(storage: Storage): void;
  /**
   * The host is about to read elements, which could not be replayed: throws.
   *
   * @param remedy what to do; that of a read for its own sake unless given
   */
  read(op: string, remedy?: string): void;
  /** A tensor was made of the memory of another one. */
  wrapped(tensor: object, of: object): void;
  /** The gradient of a tensor is about to be read or replaced. */
  gradient(tensor: object): void;
  /** A generator is about to draw the numbers of the next kernel call. */
  draws(generator: object): void;
  /**
   * The numbers among the operands of the next kernel call are computed anew at every call of the program, before its
   * kernels. Undefined means that they are the same as before, null that the recorded program no longer fits.
   */
  numbers(compute: Renewal): void;
  /**
   * Runs a body whose kernel calls have numbers that JavaScript computes. Where `isStale` says so, it runs again at a
   * call of the program, before its kernels and without any, to compute them anew.
   */
  reruns(body: (isAgain: boolean) => void, isStale: () => boolean): void;
  /** JavaScript runs at every call of the program, before its kernels. It has run already for this one. */
  repeats(step: HostStep): void;
  /** The program fits as long as this holds. It is asked again when {@link changes} was counted up. */
  guard(name: string, holds: () => boolean): void;
  /** This call does something that later ones will not do, so that it is not replayed. */
  once(reason: string): void;
}

/** The recorder of the computation that is being recorded; null most of the time. */
export let recorder: Recorder | null = null;

/** Sets the recorder; returns the one before. */
export function setRecorder(next: Recorder | null): Recorder | null {
  const before = recorder;
  recorder = next;
  return before;
}

/** Runs a body that is no part of the program that is being recorded. */
export function unrecorded<T>(body: () => T): T {
  const before = setRecorder(null);
  try {
    return body();
  } finally {
    setRecorder(before);
  }
}

/**
 * Counts what may change the computation of a function without a change of its arguments: modes of modules, parameters
 * that are replaced, frozen or moved.
 */
export const changes = { count: 0 };

/** Storages that were made while a program was recorded, and left it without being returned. */
export const leftBehind = /* @__PURE__ */ new WeakSet<Storage>();

/** A call of the host among those of kernels. */
export interface HostCall {
  readonly kind: "host";
  readonly backend: Backend;
  readonly name: string;
  readonly outputs: readonly View[];
  readonly inputs: readonly View[];
  run(outputs: readonly View[], inputs: readonly View[]): void;
}
