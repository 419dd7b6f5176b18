import { readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { optimizerNames } from "thalweg";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { temporaryDirectory, withTarballs } from "../src/pack.js";
import { run } from "../src/run.js";
import { install } from "./install.js";
import { projects } from "./projects.js";

let workspace: string;

beforeAll(async () => {
  workspace = await temporaryDirectory();
  await withTarballs((tarballs) => install(workspace, projects, tarballs));
}, 60_000);

afterAll(() => rm(workspace, { recursive: true }));

describe.each(projects.map((project) => [project.name, project] as const))("%s", (name, { check }) => {
  test("runs in Node", async () => {
    check(await lines(join(workspace, name, "main.js")));
  });

  test("runs as a tree-shaken production bundle", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const root = join(workspace, name);
    const rolldownOptions = { input: join(root, "main.ts"), output: { entryFileNames: "bundle.js" } };
    await build({ root, configFile: false, logLevel: "error", build: { rolldownOptions } });
    check(await lines(join(root, "dist/bundle.js")));
  });
});

test("a bundle holds the optimizer that the program names, and no other", async () => {
  const bundle = await readFile(join(workspace, "loop-packages/dist/bundle.js"), "utf8");
  const names = optimizerNames().filter((name) => new RegExp(`["'\`]${name}["'\`]`).test(bundle));
  expect(names).toEqual(["sgd"]);
});

test.each([
  ["bundler", "esnext"],
  ["nodenext", "nodenext"],
])(
  "every project is typed under --strict --moduleResolution %s",
  async (moduleResolution, module) => {
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const flags = ["--strict", "--noEmit", "--skipLibCheck", "false", "--target", "es2022"];
    const resolution = ["--module", module, "--moduleResolution", moduleResolution];
    const files = projects.map(({ name }) => join(name, "main.ts"));
    expect(await run("node", [tsc, ...flags, ...resolution, ...files], workspace)).toBe("");
  },
  30_000,
);

async function lines(program: string) {
  return (await run("node", [program])).trim().split("\n");
}
