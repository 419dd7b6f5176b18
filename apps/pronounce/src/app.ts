import { makeApp, type Terminal } from "@thalweg/terminal";
import { parseOptions } from "./options";
import { run } from "./run";

/** Runs the program; returns its exit code. */
export const app: (args: readonly string[], terminal: Terminal) => Promise<number> = makeApp(
  parseOptions,
  run,
);
