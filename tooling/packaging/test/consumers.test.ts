import { readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { optimizerNames } from "thalweg";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { install } from "../src/install.js";
import { temporaryDirectory, withTarballs } from "../src/pack.js";
import { repository, run } from "../src/run.js";
import { projects } from "./projects.js";

let workspace: string;

beforeAll(async () => {
  workspace = await temporaryDirectory();
  await withTarballs((tarballs) => install(workspace, projects, tarballs));
});

afterAll(() => rm(workspace, { recursive: true }));

describe.each(projects.map((project) => [project.name, project] as const))(
  "%s",
  (name, { check, isForNode = false }) => {
    test("runs in Node", async () => {
      check(await lines(join(workspace, name, "main.js")));
    });

    test("runs as a tree-shaken production bundle", async () => {
      vi.stubEnv("NODE_ENV", "production");
      const root = join(workspace, name);
      const rolldownOptions = { input: join(root, "main.ts"), output: { entryFileNames: "bundle.js" } };
      const ssr = { noExternal: true } as const;
      await build({
        root,
        configFile: false,
        logLevel: "error",
        build: { rolldownOptions, ssr: isForNode },
        ssr,
      });
      check(await lines(join(root, "dist/bundle.js")));
    });
  },
);

test("a bundle holds only the optimizer that the program names", async () => {
  const bundle = await readFile(join(workspace, "loop-packages/dist/bundle.js"), "utf8");
  const names = optimizerNames().filter((name) => new RegExp(`["'\`]${name}["'\`]`).test(bundle));
  expect(names).toEqual(["sgd"]);
});

test("a bundle holds the reader of CSV files only if it is used", async () => {
  const [loader, reader] = await Promise.all(
    ["readme-data", "everything"].map((name) => readFile(join(workspace, name, "dist/bundle.js"), "utf8")),
  );
  expect(loader).not.toContain("BAD_DELIMITERS");
  expect(reader).toContain("BAD_DELIMITERS");
});

test("a bundle holds a function only if it is used, unless it has all methods", async () => {
  const [one, all] = await Promise.all(
    ["without-more-methods", "more-methods"].map((name) =>
      readFile(join(workspace, name, "dist/bundle.js"), "utf8"),
    ),
  );
  expect(one).toMatch(/["'`]isInf["'`]/);
  expect(one).not.toMatch(/["'`]nanToNum["'`]/);
  expect(all).toMatch(/["'`]nanToNum["'`]/);
});

const require = createRequire(import.meta.url);
/** The compiler of a package, by the path of its description. */
const compilerOf = (description: string) => ({
  version: require(description).version as string,
  tsc: join(dirname(description), "bin/tsc"),
});
const lowest = compilerOf(require.resolve("typescript-lowest/package.json"));
const newest = compilerOf(require.resolve("typescript-newest/package.json"));
const alone = join("without-more-methods", "main.ts");
const every = projects.map(({ name }) => join(name, "main.ts")).filter((path) => path !== alone);
const bundler = ["--module", "esnext", "--moduleResolution", "bundler"];
const nodenext = ["--module", "nodenext", "--moduleResolution", "nodenext"];
/** Only the language's own types, and the strictest treatment of indices and of optional properties. */
const bare = ["--lib", "es2022", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];

test.each([
  {
    what: "every project for bundlers",
    compiler: newest,
    options: bundler,
    files: every,
  },
  {
    what: "every project for Node",
    compiler: newest,
    options: nodenext,
    files: every,
  },
  { what: "every project for Node", compiler: lowest, options: nodenext, files: every },
  ...[newest, lowest].flatMap((compiler) => [
    { what: "a project without more methods", compiler, options: nodenext, files: [alone] },
    {
      what: "every package without DOM or Node",
      compiler,
      options: [...nodenext, ...bare],
      files: [join("everything", "main.ts")],
    },
  ]),
])(
  "declarations are right: $what by TypeScript $compiler.version, --strict",
  async ({ compiler, options, files }) => {
    const flags = ["--strict", "--noEmit", "--skipLibCheck", "false", "--target", "es2022"];
    expect(await run("node", [compiler.tsc, ...flags, ...options, ...files], workspace)).toBe("");
  },
);

test("the README states the lowest version of TypeScript", async () => {
  const readme = await readFile(join(repository, "README.md"), "utf8");
  expect(readme).toContain(`TypeScript ${lowest.version.split(".").slice(0, 2).join(".")} or later`);
});

async function lines(program: string) {
  return (await run("node", [program])).trim().split("\n");
}
