import { Interruption, type Terminal, UsageError } from "@thalweg/terminal";
import { DivergenceError } from "./failure";
import { parseOptions } from "./options";
import { run } from "./run";

/** Runs the program; returns its exit code. What went wrong is one line on stderr. */
export async function app(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const options = parseOptions(args, (text) => terminal.stdout.write(text));
    if (options !== null) await run(options, terminal);
    return 0;
  } catch (error) {
    const code = exitCode(error);
    if (code === null) throw error;
    terminal.stderr.write(`error: ${(error as Error).message}\n`);
    return code;
  }
}

function exitCode(error: unknown): number | null {
  if (error instanceof UsageError) return 2;
  if (error instanceof DivergenceError) return 1;
  if (error instanceof Interruption) return 130;
  return null;
}
