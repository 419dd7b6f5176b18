import { type ExecFileException, execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const repository = fileURLToPath(new URL("../../..", import.meta.url));

const execute = promisify(execFile);

/** Runs a program and returns its output; if it fails, the error contains all of its output. */
export async function run(program: string, args: string[], cwd = repository): Promise<string> {
  try {
    return (await execute(program, args, { cwd })).stdout;
  } catch (error) {
    const { message, stdout = "" } = error as ExecFileException & { stdout?: string };
    throw new Error(`${message}\n${stdout}`);
  }
}
