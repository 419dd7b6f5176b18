import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { ThalwegError } from "thalweg";

/** The program cannot do what it was asked to. One line on stderr, exit code 2. */
export class UsageError extends Error {}

/** Training diverged. One line on stderr, exit code 1. */
export class Divergence extends Error {}

/** The user pressed Ctrl-C. One line on stderr, exit code 130. */
export class Interruption extends Error {}

/** The message of a library error, without the name of its function. */
export function complaint(error: ThalwegError): string {
  return error.message.replace(`${error.op}: `, "");
}

/** Turns errors of the library into those of the program. */
export async function explained<T>(prefix: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof ThalwegError ? new UsageError(prefix + complaint(error)) : error;
  }
}

/** Throws at the start, not when there is something to save, if a file cannot be written. */
export function checkFolder(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch {
    throw new UsageError(`cannot write ${path}: its folder does not exist, or cannot be written to`);
  }
}
