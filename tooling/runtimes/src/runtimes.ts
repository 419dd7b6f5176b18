import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A program that runs JavaScript. */
export interface Runtime {
  readonly name: string;
  readonly path: string;
  /** Its answer when asked for its version. */
  readonly version: RegExp;
  /** The arguments before the name of the program. */
  readonly arguments: readonly string[];
}

const runtime = (name: string, version: RegExp, file: string, ...args: string[]): Runtime => ({
  name,
  version,
  path: fileURLToPath(new URL(`../binaries/node_modules/${file}`, import.meta.url)),
  arguments: args,
});

/** The runtimes that the README names, at the versions of `binaries/package.json`. */
export const runtimes = [
  runtime("Node 20.19", /^v20\.19\.0$/, "node20/bin/node"),
  runtime("Node 22", /^v22\./, "node22/bin/node"),
  runtime("Node 24", /^v24\./, "node24/bin/node"),
  runtime("Node 26", /^v26\./, "node26/bin/node"),
  runtime("Deno", /^deno 2\./, "deno/deno", "run", "--allow-all"),
  runtime("Bun", /^1\./, "bun/bin/bun"),
];

export const installed = runtimes.every(({ path }) => existsSync(path));

/** The remedy when they are not installed. */
export const remedy =
  "the runtimes are not fetched; on Linux with x64: `npx --yes pnpm@10 --filter @thalweg/runtimes binaries`";
