import { copyFile, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryDirectory, withTarballs } from "../src/pack.js";
import { type Registry, serve } from "../src/registry.js";
import { repository, run } from "../src/run.js";

const umbrella = fileURLToPath(new URL("../loops/umbrella.ts", import.meta.url));
const packages = fileURLToPath(new URL("../loops/packages.ts", import.meta.url));
let folder: string;
let registry: Registry;

beforeAll(async () => {
  folder = await temporaryDirectory();
  const papaparse = await realpath(join(repository, "packages/data/node_modules/papaparse"));
  const filename = join(folder, "papaparse.tgz");
  await run("tar", [
    "-czf",
    filename,
    "--transform=s/^papaparse/package/",
    "-C",
    join(papaparse, ".."),
    "papaparse",
  ]);
  await withTarballs(async (tarballs) => {
    registry = await serve(folder, tarballs, ["0.1.0", "0.1.1", "0.2.0"], [{ name: "papaparse", filename }]);
  });
});

afterAll(async () => {
  registry.close();
  await rm(folder, { recursive: true });
});

/** A new project in which npm installs these packages, and its folder. */
async function install(...specifiers: string[]) {
  const project = await mkdtemp(join(folder, "project-"));
  await writeFile(join(project, "package.json"), '{ "private": true, "type": "module" }');
  const flags = ["--no-audit", "--no-fund", "--no-update-notifier", `--cache=${join(folder, "cache")}`];
  await run("npm", ["install", `--registry=${registry.url}`, ...flags, ...specifiers], project);
  return project;
}

/** The version of each copy of a package in the project. */
async function copies(project: string, name: string): Promise<string[]> {
  const paths = await readdir(join(project, "node_modules"), { recursive: true });
  const manifests = paths.filter((path) => `/${path}`.endsWith(`/${name}/package.json`));
  return Promise.all(
    manifests.map(
      async (path) =>
        JSON.parse(await readFile(join(project, "node_modules", path), "utf8")).version as string,
    ),
  );
}

/** Trains in the project; returns the last loss. */
async function train(project: string, loop: string): Promise<number> {
  await copyFile(loop, join(project, "main.mjs"));
  return Number((await run("node", ["main.mjs"], project)).trim().split("\n").at(-1));
}

test("packages of two patch versions share one copy of their dependencies, and train", async () => {
  const versions = ["nn@0.1.0", "losses@0.1.1", "optim@0.1.0", "tensor@0.1.1"];
  const project = await install(...versions.map((version) => `@thalweg/${version}`));
  expect(await copies(project, "@thalweg/tensor")).toEqual(["0.1.1"]);
  expect(await copies(project, "@thalweg/autograd")).toEqual(["0.1.1"]);
  expect(await train(project, packages)).toBeLessThan(1);
});

test("a package installs its dependencies, in one copy that fits", async () => {
  const project = await install("@thalweg/nn@0.1.0", "@thalweg/losses@0.1.0", "@thalweg/optim@0.1.0");
  expect(await copies(project, "@thalweg/tensor")).toEqual(["0.1.1"]);
  expect(await train(project, packages)).toBeLessThan(1);
});

test.each([
  ["nn", "0.1.0", "0.2.0"],
  ["nn", "0.2.0", "0.1.1"],
  ["io", "0.1.1", "0.1.0"],
])("npm refuses %s %s beside tensor %s, and names both", async (name, version, other) => {
  const said = await install(`@thalweg/${name}@${version}`, `@thalweg/tensor@${other}`).catch(String);
  expect(said).toContain("ERESOLVE");
  expect(said).toContain(`Found: @thalweg/tensor@${other}`);
  expect(said).toContain(`peer @thalweg/tensor@"^${version.slice(0, 3)}`);
  expect(said).toContain(`@thalweg/${name}@"${version}" from the root project`);
});

test.each([
  ["thalweg@0.1.0", "@thalweg/nn@0.1.1"],
  ["thalweg@0.1.1", "@thalweg/nn@0.1.0"],
])("%s and %s share one copy", async (...specifiers) => {
  const project = await install(...specifiers);
  expect(await copies(project, "@thalweg/tensor")).toHaveLength(1);
  expect(await train(project, umbrella)).toBeLessThan(1);
});
