import type { Backend, View } from "../backend/backend";
import type { Storage } from "../backend/storage";

/** The state that an optimizer keeps for a parameter. */
export interface CountedState {
  step: number;
  numbers: Record<string, number>;
  readonly tensors: Readonly<Record<string, object>>;
}

/** An update of a parameter by one kernel, whose numbers are read again at every call of a recorded program. */
export interface RecordedUpdate {
  /** The kernel that is needed. */
  readonly key: number;
  /** The places of the kernel's operands among the inputs of the update. */
  readonly slots: readonly number[];
  /** The number of tensors among the inputs, which come first. */
  readonly tensors: number;
  /** The first of the inputs that change with every step; those before them change with the options. */
  readonly counted: number;
  /**
   * Appends the numbers to the inputs; returns which kernel is needed.
   *
   * @param isSame whether the options are what they were: then it appends what changes with every step alone
   */
  readonly read: (inputs: unknown[], isSame: boolean) => number;
}

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
  /** An optimizer takes a step with these groups. `check` throws where their options do not fit. */
  steps(groups: readonly { readonly params: readonly object[] }[], check: () => void): void;
  /** An optimizer has counted a step of a parameter; `count` counts another one. */
  counts(states: ReadonlyMap<object, CountedState>, param: object, count: () => void): void;
  /** An optimizer has made the state of a parameter. */
  states(states: Map<object, CountedState>, param: object): void;
  /** The next kernel call is an update of a parameter. */
  updates(update: RecordedUpdate): void;
  /**
   * Runs an update by several kernels, with numbers that JavaScript computes from the gradient's shape and from `from`. Where
   * these have changed, it runs again at a call of the program, without its kernels, to compute the numbers anew.
   */
  reruns(grad: object, update: (grad: never) => void, from: () => unknown): void;
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
 * that are replaced, frozen or moved. Edits of the options of optimizers are counted apart.
 */
export const changes = { count: 0, options: 0 };

/** Storages that were made while a program was recorded, and left it without being returned. */
export const leftBehind = /* @__PURE__ */ new WeakSet<Storage>();

/** A call of the host among those of kernels. */
export interface HostCall {
  readonly kind: "host";
  readonly backend: Backend;
  readonly name: string;
  readonly outputs: readonly View[];
  readonly inputs: readonly View[];
  /** Computes the outputs from the inputs. */
  run(outputs: readonly View[], inputs: readonly View[]): void;
}
