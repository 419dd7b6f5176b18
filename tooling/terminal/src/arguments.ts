import { type Command, CommanderError, InvalidArgumentError } from "commander";
import { UsageError } from "./failure";

/**
 * Parses the arguments of a program; null when they asked for help, which was then written.
 *
 * @throws UsageError when they are invalid.
 */
export function parse<Flags extends object>(
  command: Command,
  args: readonly string[],
  write: (text: string) => void,
): Flags | null {
  command.allowExcessArguments(false).exitOverride();
  command.configureOutput({ writeOut: write, writeErr: () => {} });
  try {
    // npm users put a "--" in front, which pnpm passes on.
    command.parse(args[0] === "--" ? args.slice(1) : args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    throw new UsageError(error.message.replace(/^error: /, "").replaceAll("\n", " "));
  }
  return command.opts<Flags>();
}

/** The README's command for a program, with arguments quoted for a shell. */
export function commandLine(program: string, ...args: readonly string[]): string {
  return ["npx --yes pnpm@10", program, ...args.map(quoted)].join(" ");
}

function quoted(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Reads the name of a file. */
export function fileName(text: string): string {
  if (text === "" || text.startsWith("--")) throw new InvalidArgumentError("Name a file.");
  return text;
}

/** Reads a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

/** Makes a reader of whole numbers from `min` on. */
export function whole(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} on.`);
  };
}
