import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { softwareDriver } from "./tooling/conformance/src/software-driver.ts";

const packages = ["packages", "apps", "tooling"].flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({ name: entry.name, root: `${folder}/${entry.name}` })),
);

/**
 * Packages whose test files change nothing that others could notice, and may share a process. Those of `testing` make
 * operations of their own, wrong ones among them, which a neighbour would find in `allOps()`.
 */
const shares = new Set([
  ...["autograd", "compile", "data", "distributions", "io", "kernels", "linalg", "losses", "metrics"],
  ...["nn", "optim", "train", "oracle", "terminal"],
]);

/** Programs and tools whose test files leave no trace either, and compute much. */
const tools = new Set(["contract", "digits", "linear-regression", "packaging", "ulp"]);

/** Packages whose tests compute on a GPU, or on what stands in for one. */
const usesGPU = new Set(["conformance", "custom-optimizer", "examples", "pronounce", "tensor", "webgpu"]);

/** Packages whose tests look inside, beside packages that use them. All of them have to be the same sources. */
const inside = new Set([...shares, "cpu", "tensor", "webgpu"]);

const groupOf = (name: string): string => {
  if (shares.has(name)) return "shared";
  if (tools.has(name)) return "tools";
  if (name === "site") return "site";
  return [inside.has(name) ? "inside" : "outside", ...(usesGPU.has(name) ? ["gpu"] : [])].join(" ");
};

const source = "@thalweg/source";
const ssrConditions = defaultServerConditions.filter((condition) => condition !== "module");

export default defineConfig(({ mode }) => {
  /** A project of all packages of a group: it transforms the sources of the library once. */
  const project = (
    name: string,
    settings: TestProjectInlineConfiguration["test"] = {},
  ): TestProjectInlineConfiguration => {
    const own = packages.filter((one) => groupOf(one.name) === name);
    // What is built is imported in a tenth of the time, and computes faster.
    const isBuilt = mode === "built" && own.every((one) => !inside.has(one.name));
    const first = isBuilt ? [] : [source];
    const conditions = [...first, ...ssrConditions];
    return {
      extends: true,
      resolve: { conditions: [...first, ...defaultClientConditions] },
      ssr: { resolve: { conditions, externalConditions: conditions } },
      test: {
        name,
        include: own.map(({ root }) => `${root}/{src,test}/**/*.test.ts`),
        server: { deps: { external: isBuilt ? [/\/packages\/\w+\/dist\//] : [] } },
        ...settings,
      },
    };
  };
  return {
    test: {
      // One more than there are cores, since tests of browsers and of other processes wait.
      maxWorkers: availableParallelism() + 1,
      // Only what hangs takes as long: no test depends on how busy the machine is.
      testTimeout: 600_000,
      hookTimeout: 600_000,
      expect: { poll: { timeout: 300_000 } },
      projects: [
        project("shared", {
          isolate: false,
          // Many small tests: to optimise fewer functions and to collect less often saves a fifth of the time.
          execArgv: ["--min-semi-space-size=64", "--max-semi-space-size=64", "--interrupt-budget=1000000"],
        }),
        project("inside gpu", { env: softwareDriver() }),
        project("outside gpu", { env: softwareDriver() }),
        project("site", { globalSetup: ["apps/site/test/setup.ts"] }),
        project("tools", { isolate: false }),
        project("inside"),
        project("outside"),
      ],
    },
  };
});
