import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "@thalweg/packaging/install";
import { temporaryDirectory, withTarballs } from "@thalweg/packaging/pack";
import { run } from "@thalweg/packaging/run";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program } from "../src/program";
import { installed, remedy, runtimes } from "../src/runtimes";

const isSkipped = !installed && !process.env.CI;
if (isSkipped) console.warn(`tests of runtimes are skipped: ${remedy}`);

/** The program in one file, which imports only the package. */
async function bundled(outDir: string): Promise<string> {
  const entry = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  await build({
    configFile: false,
    logLevel: "error",
    build: {
      outDir,
      emptyOutDir: false,
      minify: false,
      target: "es2022",
      lib: { entry, formats: ["es"], fileName: () => "bundle.js" },
      rolldownOptions: { external: ["thalweg"] },
    },
  });
  return readFile(join(outDir, "bundle.js"), "utf8");
}

describe.skipIf(isSkipped)("the published package", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await temporaryDirectory();
    if (!installed) throw new Error(remedy);
    const source = await bundled(folder);
    await withTarballs((tarballs) =>
      install(folder, [{ name: "program", dependencies: ["thalweg"], source }], tarballs),
    );
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(runtimes.map((runtime) => [runtime.name, runtime] as const))(
    "trains in %s to the bits of this Node, on threads, and goes on from checkpoints",
    async (name, { path, version, arguments: args }) => {
      expect((await run(path, ["--version"])).trim()).toMatch(version);
      const file = (folder: string) => join(folder, `${name}.safetensors`);
      const here = join(folder, "program");
      const printed = await run(path, [...args, "main.js", file(here)], here);
      const { network, ...rest } = JSON.parse(printed) as Awaited<ReturnType<typeof program>>;
      const { network: ours, ...expected } = await program(file(folder));
      expect(network.tiers).toContain("wasm x2");
      expect(network).toMatchObject({ losses: ours.losses, parameters: ours.parameters, threads: 2 });
      expect(rest).toEqual(expected);
      expect(rest.saved).toEqual({ epoch: 3, isEqual: true });
    },
  );
});
