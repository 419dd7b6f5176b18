import type { Backend } from "../backend/backend";
import { execute, type KernelCall } from "./call";

/** Calls that are ready to be run, again and again. */
export interface PreparedCalls {
  /**
   * Runs the calls in order. They read and write the storages that their views have now, and take the numbers among their
   * operands and arguments as they are now; everything else of them is as it was when they were prepared.
   */
  run(): void;
  /** Gives back what was made for them. */
  release(): void;
}

/** A backend that can plan calls once and run them many times. */
export interface PreparingBackend extends Backend {
  /** Prepares calls of this backend, none of them a function of the host. */
  prepare(calls: readonly KernelCall[]): PreparedCalls;
}

const canPrepare = (backend: Backend): backend is PreparingBackend => "prepare" in backend;

/** Prepares calls of one backend. Where it has no way to, they are executed one by one. */
export function prepare(calls: readonly KernelCall[]): PreparedCalls {
  const { backend } = calls[0]!;
  if (canPrepare(backend)) return backend.prepare(calls);
  return {
    run() {
      for (let i = 0; i < calls.length; i++) execute(calls[i]!);
    },
    release() {},
  };
}
