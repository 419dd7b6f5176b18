import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { repository } from "../src/run.js";
import { descent } from "./descent.js";

/** What somebody outside the repository would write: a program and the packages it installs. */
export interface Project {
  name: string;
  dependencies: string[];
  source: string;
  check(printed: string[]): void;
}

const packages = ["tensor", "autograd", "nn", "losses", "optim", "data", "io", "testing", "thalweg"];

const loops = {
  raw: ["@thalweg/autograd", "@thalweg/tensor"],
  packages: ["@thalweg/losses", "@thalweg/nn", "@thalweg/optim", "@thalweg/tensor"],
  umbrella: ["thalweg"],
};

export const projects: Project[] = await Promise.all([
  ...packages.map(readmeExample),
  ...Object.entries(loops).map(([name, dependencies]) => loop(name, dependencies)),
  withoutGPU(),
  plugin(),
]);

/** An optimizer from outside of the library, that of apps/custom-optimizer: used by its name, with its types. */
async function plugin(): Promise<Project> {
  const source = await readFile(join(repository, "apps/custom-optimizer/src/adan.ts"), "utf8");
  return {
    name: "plugin",
    dependencies: ["@thalweg/optim", "@thalweg/tensor"],
    source: `${source}
import { createOptimizer } from "@thalweg/optim";
import { tensor } from "@thalweg/tensor";

const w = tensor([1], { requiresGrad: true });
w.square().sum().backward();
createOptimizer("adan", [w], { lr: 0.25, eps: 0 }).step();
console.log(w.item());
`,
    check: (printed) => expect(printed).toEqual(["0.75"]),
  };
}

/** A program that asks for a GPU where the package that Node needs for it is not installed, or a browser has none. */
function withoutGPU(): Project {
  return {
    name: "without-gpu",
    dependencies: ["@thalweg/tensor"],
    source: `import { ones } from "@thalweg/tensor";
import { initWebGPU } from "@thalweg/tensor/webgpu";

try {
  await initWebGPU();
} catch (error) {
  console.log((error as Error).message);
}
console.log(ones([2]).sum().item());
`,
    check([refusal, sum]) {
      expect(refusal).toMatch(
        /^initWebGPU: (Node has no .*; install it: npm install webgpu|there is no WebGPU here, .*)$/,
      );
      expect(sum).toBe("2");
    },
  };
}

/** A package's README: its install line, its example, and the output that the example's comments promise. */
async function readmeExample(name: string): Promise<Project> {
  const readme = await readFile(join(repository, "packages", name, "README.md"), "utf8");
  const source = readme.match(/```ts\n(.*?)```/s)![1]!;
  const promised = [...source.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1]);
  return {
    name: `readme-${name}`,
    dependencies: readme.match(/npm install (?:--save-dev )?(.*)/)![1]!.split(" "),
    source,
    check(printed) {
      expect(promised).not.toEqual([]);
      expect(printed).toEqual(promised);
    },
  };
}

/** A training loop that prints its initial weight and bias, then 20 losses. */
async function loop(name: string, dependencies: string[]): Promise<Project> {
  return {
    name: `loop-${name}`,
    dependencies,
    source: await readFile(new URL(`../loops/${name}.ts`, import.meta.url), "utf8"),
    check(printed) {
      const [weight, bias, ...losses] = printed.map(Number);
      const expected = descent(weight!, bias!);
      expect(losses).toHaveLength(expected.length);
      losses.forEach((loss, i) => {
        expect(loss / expected[i]!).toBeCloseTo(1, 4);
      });
    },
  };
}
