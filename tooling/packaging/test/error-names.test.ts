import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as thalweg from "thalweg";
import { build } from "vite";
import { expect, test, vi } from "vitest";
import { temporaryDirectory } from "../src/pack.js";

const program = fileURLToPath(new URL("programs/error-names.mjs", import.meta.url));

test("errors keep their names in a bundle whose identifiers are shortened", async () => {
  vi.stubEnv("NODE_ENV", "production");
  const outDir = await temporaryDirectory();
  try {
    const rolldownOptions = { input: program, output: { entryFileNames: "bundle.js" } };
    await build({ configFile: false, logLevel: "error", build: { outDir, minify: true, rolldownOptions } });
    const { stdout } = await promisify(execFile)(process.execPath, [join(outDir, "bundle.js")]);
    const printed = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    const classes = Object.entries({ ...thalweg, ...thalweg.linalg }).flatMap(([name, value]) =>
      Object.prototype.isPrototypeOf.call(Error, value) ? [name] : [],
    );
    expect(new Set(printed.map(([name]) => name))).toEqual(new Set(classes));
    for (const [name, shortened] of printed) expect(shortened).not.toBe(name);
  } finally {
    await rm(outDir, { recursive: true });
  }
});
