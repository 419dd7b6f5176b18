import type { ThalwegError } from "thalweg";

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
