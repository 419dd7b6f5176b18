import type { ThalwegError } from "thalweg";

/** The program was asked for something it cannot do. One line on stderr, exit code 2. */
export class UsageError extends Error {}

/** Training went the wrong way. One line on stderr, exit code 1. */
export class Divergence extends Error {}

/** The user pressed Ctrl-C. One line on stderr, exit code 130. */
export class Interruption extends Error {}

/** What the library says is wrong, without the name of its function. */
export function complaint(error: ThalwegError): string {
  return error.message.replace(`${error.op}: `, "");
}
