import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { softwareDriver } from "./tooling/conformance/src/software-driver.ts";

/** Tests run from source: no package has to be built first. */
const source = "@thalweg/source";
const conditions = [source, ...defaultServerConditions.filter((c) => c !== "module")];

/** Projects whose tests compute on a GPU, or on what stands in for one. */
const usesGPU = new Set(["conformance", "custom-optimizer", "examples", "pronounce", "tensor", "webgpu"]);

/**
 * Projects whose test files change nothing that others could notice, and may share a process. Those of `testing` make
 * operations of their own, wrong ones among them, which a neighbour would find in `allOps()`.
 */
const shares = new Set([
  ...["autograd", "compile", "data", "distributions", "io", "kernels", "linalg", "losses", "metrics"],
  ...["nn", "optim", "train"],
  ...["custom-optimizer", "oracle", "terminal"],
]);

const projects = ["packages", "apps", "tooling"].flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({ name: entry.name, root: `${folder}/${entry.name}` })),
);

export default defineConfig({
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    // One more than there are cores, since tests of browsers and of other processes wait.
    maxWorkers: availableParallelism() + 1,
    projects: projects.map(({ name, root }) => ({
      extends: true as const,
      root,
      test: {
        name,
        include: ["{src,test}/**/*.test.ts"],
        isolate: !shares.has(name),
        globalSetup: [resolve(root, "test/setup.ts")].filter((path) => existsSync(path)),
        env: usesGPU.has(name) ? softwareDriver() : {},
        // Only what hangs takes as long: no test depends on how busy the machine is.
        testTimeout: 600_000,
        hookTimeout: 600_000,
        expect: { poll: { timeout: 300_000 } },
      },
    })),
  },
});
