import { execFile, spawnSync } from "node:child_process";

/** The launchers of both kinds of MPI. */
export const launchers = {
  "Open MPI": { command: "mpirun.openmpi", options: ["--oversubscribe"], library: "libmpi.so.40" },
  MPICH: { command: "mpirun.mpich", options: [], library: "libmpich.so.12" },
} as const;

export type LauncherName = keyof typeof launchers;

const remedy = "there is no MPI; install it: `apt-get install openmpi-bin mpich`";

/** Whether tests with MPI are skipped; in CI a missing MPI is an error. */
export function skips(): boolean {
  const installed = Object.values(launchers).every(
    ({ command }) => spawnSync(command, ["--version"], { env: environment() }).status === 0,
  );
  if (!installed && !process.env.CI) console.warn(`tests of MPI are skipped: ${remedy}`);
  return !installed && !process.env.CI;
}

/** Open MPI refuses to work for root, whom CI is, unless it is told twice. */
function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const allowed = { OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1", NO_COLOR: "1" };
  return { ...process.env, ...allowed, ...more };
}

/** How a command is started on some ranks. */
export function commandOf(name: LauncherName, ranks: number, program: readonly string[]) {
  const { command, options } = launchers[name];
  const args = [...options, "-n", String(ranks), ...program];
  return { command, args, env: environment() };
}

/** What a run has left. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command on some ranks. A run that hangs ends with the code -1. */
export function launch(
  name: LauncherName,
  ranks: number,
  program: readonly string[],
  more?: Readonly<Record<string, string>>,
): Promise<Ran> {
  const { command, args, env } = commandOf(name, ranks, program);
  return new Promise((resolve) => {
    const limits = { timeout: 300_000, killSignal: "SIGKILL", env: { ...env, ...more } } as const;
    execFile(command, args, limits, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}
