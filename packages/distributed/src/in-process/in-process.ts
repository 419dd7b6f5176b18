import {
  aboveZero,
  checkArguments,
  count,
  type Kind,
  kind,
  options as optionsOf,
  positive,
  required,
} from "@thalweg/tensor/internal";
import type { Communicator } from "../communicator";
import { DistributedError } from "../distributed-error";
import { World } from "../world";
import { InProcessCarrier } from "./in-process-carrier";
import { SharedMemory } from "./memory";

/** Options of {@link inProcess}. */
export interface InProcessOptions {
  /** Seconds that a collective waits for the other ranks; 1800 unless given, half an hour. */
  readonly timeout?: number;
}

/** The place of a rank in a world of workers, to be sent to its worker by `postMessage` or `workerData`. */
export interface Seat {
  /** Its rank, from 0. */
  readonly rank: number;
  /** How many ranks there are. */
  readonly size: number;
  /** Seconds that a collective waits for the other ranks. */
  readonly timeout: number;
  /** What the ranks share. */
  readonly memory: SharedArrayBuffer;
}

const memoryKind: Kind = kind(
  "the shared memory of a world",
  (value) => typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer,
);

const signatures = {
  inProcess: { size: positive, options: optionsOf<InProcessOptions>({ timeout: aboveZero }) },
  join: {
    seat: optionsOf<Seat>({
      rank: required(count),
      size: required(positive),
      timeout: required(aboveZero),
      memory: required(memoryKind),
    }),
  },
};

/**
 * Makes a world of workers of this process: `worker_threads` of Node, or workers of a page. Each gets its seat, and takes it by
 * {@link join}. The seats hold 2 MiB of shared memory for each rank, which the collectives go through.
 *
 * @param size how many ranks there are
 * @throws DistributedError when the page has no shared memory.
 * @example
 * import { inProcess, join } from "@thalweg/distributed";
 *
 * const [seat] = inProcess(1);
 * const world = join(seat!);
 * world.size; // → 1
 */
export function inProcess(size: number, options: InProcessOptions = {}): Seat[] {
  checkArguments("inProcess", signatures.inProcess, [size, options]);
  if (typeof SharedArrayBuffer !== "function") {
    throw new DistributedError(
      "inProcess",
      "there is no SharedArrayBuffer here",
      "serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    );
  }
  const memory = new SharedArrayBuffer(SharedMemory.bytesOf(size));
  return Array.from({ length: size }, (_, rank) => ({
    rank,
    size,
    timeout: options.timeout ?? 1800,
    memory,
  }));
}

/**
 * Takes a seat of {@link inProcess} in a worker. Sums of floats are made in the order of ranks, each rounded to the type, and
 * `startAllReduce` compares what the ranks call as the others do, at `wait`, where it also sends. A worker that calls
 * {@link Communicator.abort} throws the message, and so do the others, from the collective that they are in or call next.
 *
 * @throws DistributedError when the seat is taken, and in a thread that must not wait, as the main thread of a page.
 */
export function join(seat: Seat): Communicator {
  checkArguments("join", signatures.join, [seat]);
  const { rank, size, timeout } = seat;
  if (rank >= size || seat.memory.byteLength !== SharedMemory.bytesOf(size)) {
    throw new DistributedError("join", "it is not a seat of a world", "pass one that inProcess has made");
  }
  checkWaiting();
  const memory = new SharedMemory(seat.memory, size);
  if (!memory.sit(rank)) {
    throw new DistributedError(
      "join",
      `the seat of rank ${rank} is taken`,
      "give each worker a seat of its own",
    );
  }
  // Without a seat that is left, the others would wait for a worker that has ended.
  globalThis.process?.on?.("exit", () => memory.leave(rank));
  return new World(new InProcessCarrier(rank, memory, timeout));
}

function checkWaiting(): void {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
  } catch {
    throw new DistributedError("join", "this thread must not wait for others", "call it in a worker");
  }
}
