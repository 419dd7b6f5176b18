import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { softwareDriver } from "./tooling/conformance/src/software-driver.ts";

/** Tests run from source: no package has to be built first. */
const source = "@thalweg/source";
const conditions = [source, ...defaultServerConditions.filter((c) => c !== "module")];

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
  ...["autograd", "compile", "cpu", "data", "distributions", "io", "kernels", "linalg", "losses"],
  ...["metrics", "nn", "optim", "tensor", "train", "oracle", "terminal"],
]);

/**
 * Test files of these packages that need a process of their own: they measure memory, count threads, or have to be without
 * other packages, or before the code of WebAssembly has arrived.
 */
const alone = [
  "packages/cpu/src/heap/collector-use.test.ts",
  "packages/cpu/src/program/prepare.test.ts",
  "packages/cpu/src/threads.test.ts",
  "packages/cpu/src/wasm/wasm-accelerator.test.ts",
  "packages/cpu/test/fuzz/memory.test.ts",
  "packages/tensor/src/ops/cast.test.ts",
  "packages/tensor/src/ops/forgotten.test.ts",
  "packages/tensor/src/ops/view/bad-layouts.test.ts",
  "packages/tensor/src/tensor.test.ts",
  "packages/tensor/test/cpu/arrival.test.ts",
];

/** Packages whose tests compute on a GPU, or on what stands in for one. */
const usesGPU = new Set(["conformance", "custom-optimizer", "examples", "pronounce", "webgpu"]);

const groupOf = (name: string): string => {
  if (shares.has(name)) return "shared";
  if (usesGPU.has(name)) return "gpu";
  return name === "site" ? "site" : "others";
};

/** The test files of all packages of a group. */
const testsOf = (group: string): string[] =>
  packages.filter(({ name }) => groupOf(name) === group).map(({ root }) => `${root}/{src,test}/**/*.test.ts`);

/** A project of many packages: it transforms the sources of the library once. */
function project(
  name: string,
  settings: TestProjectInlineConfiguration["test"] = {},
): TestProjectInlineConfiguration {
  return { extends: true, test: { name, include: testsOf(name), ...settings } };
}

export default defineConfig({
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    // One more than there are cores, since tests of browsers and of other processes wait.
    maxWorkers: availableParallelism() + 1,
    // Processes of tests end soon. To optimise fewer functions and to collect less often saves a fifth of their time.
    execArgv: ["--min-semi-space-size=64", "--max-semi-space-size=64", "--interrupt-budget=1000000"],
    // Only what hangs takes as long: no test depends on how busy the machine is.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 300_000 } },
    projects: [
      project("shared", {
        isolate: false,
        exclude: alone,
        env: softwareDriver(),
        setupFiles: "packages/cpu/test/ready.ts",
      }),
      project("gpu", { env: softwareDriver() }),
      project("site", { globalSetup: ["apps/site/test/setup.ts"] }),
      project("others", { include: [...testsOf("others"), ...alone] }),
    ],
  },
});
