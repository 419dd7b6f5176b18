import {
  aboveZero,
  boolean,
  checkArguments,
  oneOf,
  options as optionsOf,
  string,
} from "@thalweg/tensor/internal";
import { alone } from "./alone";
import type { Communicator } from "./communicator";
import { findLauncher } from "./launcher";
import { World } from "./world";

/** Options of {@link init}. */
export interface InitOptions {
  /** Seconds that a collective waits for the other ranks; 1800 unless given, half an hour. */
  readonly timeout?: number;
  /**
   * Who adds floats up. `"mpi"`, which it is unless given, leaves it to MPI, which is faster; its order, and so the last bits
   * of a sum, depend on the implementation, the number of ranks and the length. `"ordered"` adds in the order of ranks, from
   * left to right, each sum rounded to the type: the same bits everywhere. Ranks have the same bits either way.
   */
  readonly reduction?: "mpi" | "ordered";
  /**
   * The library of MPI, a file or a name. Unless given it is that of the environment variable `THALWEG_MPI`, and without
   * one the first of the usual names that fits the launcher.
   */
  readonly library?: string;
  /**
   * Whether `startAllReduce` compares what the ranks call, as the others do, and waits; false unless given. This finds the
   * rank that starts something else.
   */
  readonly debug?: boolean;
}

const signature = {
  options: optionsOf<InitOptions>({
    timeout: aboveZero,
    reduction: oneOf("mpi", "ordered"),
    library: string,
    debug: boolean,
  }),
};

/** The most elements that one call of MPI can count. */
const mostElements = 2 ** 31 - 1;

let world: Promise<Communicator> | undefined;

/**
 * Joins the processes that `mpirun`, `mpiexec` or `srun` has started, by the MPI of this machine: Open MPI, MPICH, what has
 * the ABI of MPICH, or that of MPI 5. A process that no launcher has started, and that of a page, is a world of one, and so is
 * a single process of a launcher. Call it in the main thread; all further calls return the same world, and their options
 * do not count.
 *
 * In a world of several, a rank that ends by an uncaught error, or with an exit code other than 0, ends all, so that none waits
 * for it. A rank whose program ends leaves the world when all do; {@link Communicator.close} does so earlier.
 *
 * `max` and `min` of floats are NaN where a rank has NaN, and 0 is larger than -0, as with `Math.max`.
 *
 * @throws DistributedError when there is no library of MPI, or none that finds the other processes.
 * @example
 * import { init } from "@thalweg/distributed";
 *
 * const world = await init();
 * const sums = Float32Array.of(1, 2);
 * world.allReduce(sums);
 * [world.rank, world.size, ...sums]; // → [0,1,1,2]
 */
export async function init(options: InitOptions = {}): Promise<Communicator> {
  checkArguments("init", signature, [options]);
  world ??= connect(options).catch((error) => {
    world = undefined;
    throw error;
  });
  return world;
}

async function connect(options: InitOptions): Promise<Communicator> {
  const environment = globalThis.process?.env ?? {};
  const launcher = findLauncher(environment);
  if (launcher === null || (launcher.knowsSize && launcher.size === 1)) return new World(alone);
  const { timeout = 1800, reduction = "mpi", debug = false } = options;
  const library = options.library ?? (environment.THALWEG_MPI || undefined);
  const { connectMPI } = await import("./mpi/connect");
  return connectMPI(launcher, { timeout, reduction, library, debug, mostElements });
}
