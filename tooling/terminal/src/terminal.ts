/** A stream to print to. */
export type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Where a run prints, and what can end it early. */
export interface Terminal {
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Aborted when the user pressed Ctrl-C. */
  readonly signal?: AbortSignal;
}

/** Runs a program in the terminal of this process. The first Ctrl-C asks it to end, the second one ends it. */
export async function runInTerminal(
  app: (args: readonly string[], terminal: Terminal) => Promise<number>,
): Promise<void> {
  const interruption = new AbortController();
  process.once("SIGINT", () => interruption.abort());
  // Whoever reads our output may have seen enough: `demo | head -1`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

  const { stdout, stderr } = process;
  process.exitCode = await app(process.argv.slice(2), { stdout, stderr, signal: interruption.signal });
}
