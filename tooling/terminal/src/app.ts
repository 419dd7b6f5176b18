import { Divergence, Interruption, UsageError } from "./failure";
import type { Terminal } from "./terminal";

/** Makes a program: it returns its exit code, and prints an error as one line on stderr. */
export function makeApp<Options>(
  parseOptions: (args: readonly string[], print: (text: string) => unknown) => Options | null,
  run: (options: Options, terminal: Terminal) => Promise<unknown>,
): (args: readonly string[], terminal: Terminal) => Promise<number> {
  return async (args, terminal) => {
    try {
      const options = parseOptions(args, (text) => terminal.stdout.write(text));
      if (options !== null) await run(options, terminal);
      return 0;
    } catch (error) {
      const code = exitCode(error);
      if (code === null) throw error;
      const { message } = error as Error;
      terminal.stderr.write(error instanceof Interruption ? `${message}\n` : `error: ${message}\n`);
      return code;
    }
  };
}

function exitCode(error: unknown): number | null {
  if (error instanceof UsageError) return 2;
  if (error instanceof Divergence) return 1;
  if (error instanceof Interruption) return 130;
  return null;
}
