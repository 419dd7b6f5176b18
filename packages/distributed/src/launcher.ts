/** The implementations of MPI whose processes a launcher starts. */
export type Family = "Open MPI" | "MPICH";

/** What has started this process, as its environment tells. */
export interface Launcher {
  /** Its name, for errors. */
  readonly name: string;
  /** The implementation that it belongs to; null where it starts those of any. */
  readonly family: Family | null;
  /** How many processes there are at least; all of them where the environment says so. */
  readonly size: number;
  /** Whether the environment says how many there are. */
  readonly knowsSize: boolean;
}

type Environment = Record<string, string | undefined>;

/** The environment of this process. By its usual name, a bundler for pages would take it for empty, in Node too. */
export function environment(): Environment {
  const { process } = globalThis;
  return process?.env ?? {};
}

interface Sign {
  readonly name: string;
  readonly family: Family | null;
  /** A variable with the number of processes. */
  readonly size?: string;
  /** A variable with the number of this process. */
  readonly rank?: string;
}

/** The first that fits is believed: Slurm's variables are there below a launcher, too. */
const signs: readonly Sign[] = [
  { name: "mpirun of Open MPI", family: "Open MPI", size: "OMPI_COMM_WORLD_SIZE" },
  {
    name: "a launcher with PMI (mpirun of MPICH, say)",
    family: "MPICH",
    size: "PMI_SIZE",
    rank: "PMI_RANK",
  },
  { name: "mpirun of MPICH", family: "MPICH", rank: "MPI_LOCALRANKID", size: "MPI_LOCALNRANKS" },
  { name: "srun of Slurm", family: null, size: "SLURM_STEP_NUM_TASKS", rank: "SLURM_PROCID" },
  { name: "a launcher with PMIx", family: null, rank: "PMIX_RANK" },
];

/** The launcher of this process; null if it was started alone. */
export function findLauncher(variables: Readonly<Environment>): Launcher | null {
  for (const { name, family, size, rank } of signs) {
    const has = (variable: string | undefined) =>
      variable === undefined || numberIn(variables, variable) !== null;
    if (!has(size) || !has(rank)) continue;
    const least = size === undefined ? numberIn(variables, rank!)! + 1 : numberIn(variables, size)!;
    const knowsSize = size !== undefined && size !== "MPI_LOCALNRANKS";
    return { name, family, size: least, knowsSize };
  }
  return null;
}

function numberIn(variables: Readonly<Environment>, variable: string): number | null {
  const text = variables[variable];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
