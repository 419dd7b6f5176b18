/** A stream to print to. */
export type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Output of a run, and a signal that can end it early. */
export interface Terminal {
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Aborted when the user pressed Ctrl-C. */
  readonly signal?: AbortSignal;
}

/** Milliseconds within which further signals belong to the same press of Ctrl-C. */
const onePress = 1000;

/** Runs a program in the terminal of this process. The first Ctrl-C asks it to end, the second one ends it. */
export async function runInTerminal(
  app: (args: readonly string[], terminal: Terminal) => Promise<number>,
): Promise<void> {
  const signal = interruption();
  // The reader of our output may stop reading: `demo | head -1`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

  const { stdout, stderr } = process;
  process.exitCode = await app(process.argv.slice(2), { stdout, stderr, signal });
}

/**
 * A signal that Ctrl-C aborts. A terminal sends its signal to every process of a command, and npx, pnpm and tsx pass it on,
 * some as SIGTERM: one press may arrive several times.
 */
function interruption(): AbortSignal {
  const controller = new AbortController();
  let again = false;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (again) {
        process.removeAllListeners(name);
        process.kill(process.pid, name);
      } else if (!controller.signal.aborted) {
        controller.abort();
        // Signals that arrived while the program was busy are delivered before an immediate runs.
        setTimeout(() => setImmediate(() => (again = true)), onePress).unref();
      }
    });
  }
  return controller.signal;
}
