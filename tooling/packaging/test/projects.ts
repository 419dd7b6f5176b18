import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Program } from "../src/install.js";
import { repository } from "../src/run.js";
import { descent } from "./descent.js";

/** A user's program, and its expected output. */
export interface Project extends Program {
  /** Whether it is for Node alone, and not for pages. */
  isForNode?: boolean;
  check(printed: string[]): void;
}

const packages = [
  "kernels",
  "cpu",
  "tensor",
  "autograd",
  "nn",
  "losses",
  "linalg",
  "distributions",
  "metrics",
  "train",
  "optim",
  "compile",
  "blas",
  "data",
  "io",
  "distributed",
  "testing",
  "thalweg",
];

const loops = {
  raw: ["@thalweg/autograd", "@thalweg/tensor"],
  packages: ["@thalweg/autograd", "@thalweg/losses", "@thalweg/nn", "@thalweg/optim", "@thalweg/tensor"],
  umbrella: ["thalweg"],
  compiled: ["thalweg"],
};

export const projects: Project[] = await Promise.all([
  ...packages.map(readmeExample),
  ...Object.entries(loops).map(([name, dependencies]) => loop(name, dependencies)),
  withoutGPU("without-gpu", "@thalweg/tensor"),
  withoutGPU("umbrella-without-gpu", "thalweg"),
  plugin(),
  umbrellaPlugin(),
  moreMethods("more-methods", "@thalweg/tensor"),
  moreMethods("umbrella-more-methods", "thalweg"),
  withoutMoreMethods(),
  everything(),
]);

/** The same with only the umbrella installed, through which it extends the registry's types. */
async function umbrellaPlugin(): Promise<Project> {
  const { source, check } = await plugin();
  return {
    name: "umbrella-plugin",
    dependencies: ["thalweg"],
    source: `${source.replaceAll(/"@thalweg\/\w+"/g, '"thalweg"')}
// @ts-expect-error the options of a registered optimizer are known
export const refused = () => createOptimizer("adan", [w], { noSuchOption: 1 });
`,
    check,
  };
}

/** Everything that is published, in a program without the types of browsers or Node. */
async function everything(): Promise<Project> {
  const entries = (await Promise.all(packages.map(entriesOf))).flat();
  const declared = await Promise.all(
    ["tensor-methods", "more-methods"].map((file) =>
      readFile(join(repository, `packages/tensor/src/${file}.ts`), "utf8"),
    ),
  );
  const methods = new Set(Array.from(declared.join("").matchAll(/^ {2}(\w+)\(/gm), ([, name]) => name));
  // The entries of methods have effects and no values.
  const [effects, modules] = [true, false].map((has) =>
    entries.filter((entry) => entry.endsWith("/methods") === has),
  ) as [string[], string[]];
  const imports = [
    ...effects.map((entry) => `import "${entry}";`),
    ...modules.map((entry, k) => `import * as entry${k} from "${entry}";`),
  ];
  return {
    name: "everything",
    dependencies: [...packages.map(nameOf), "fast-check"],
    source: `${imports.join("\n")}
import { CsvError, loadCheckpoint, randomSplit, readCsv, saveCheckpoint, Tensor, TensorDataset, tensor } from "thalweg";

declare const console: { log(...values: unknown[]): void };

// Bundlers may not rename the functions that methods are named after.
console.log(${JSON.stringify([...methods])}.every((name) => Object.hasOwn(Tensor.prototype, name)));
console.log([${modules.map((_, k) => `entry${k}`)}].every((entry) => Object.keys(entry).length > 0));
const [train, test] = randomSplit(new TensorDataset(tensor([1, 2, 3, 4])), [0.75, 0.25]);
const [x] = train.batch();
console.log(x.shape[0], test.length);
try {
  readCsv("a\\nx");
} catch (error) {
  console.log(error instanceof CsvError && error.row);
}
const bytes: Uint8Array = await saveCheckpoint({ epoch: 3 });
const { epoch } = await loadCheckpoint<{ epoch: number }>(bytes);
console.log(epoch + 1);
`,
    check: (printed) => expect(printed).toEqual(["true", "true", "3 1", "1", "4"]),
  };
}

/** All imports that a package offers. */
async function entriesOf(folder: string): Promise<string[]> {
  const text = await readFile(join(repository, "packages", folder, "package.json"), "utf8");
  const { name, exports } = JSON.parse(text) as { name: string; exports: object };
  return Object.keys(exports).map((path) => name + path.slice(1));
}

function nameOf(folder: string): string {
  return folder === "thalweg" ? folder : `@thalweg/${folder}`;
}

/** A program that adds methods to tensors by an import. */
function moreMethods(name: string, dependency: string): Project {
  return {
    name,
    dependencies: [dependency],
    source: `import { type Tensor, tensor } from "${dependency}";
import "${dependency}/methods";

const x: Tensor = tensor([1, Number.NaN]).nanToNum({ nan: 7 });
// @ts-expect-error the types of arguments are known
export const refused = () => x.nanToNum({ nan: "7" });
console.log(x.toArray());
`,
    check: (printed) => expect(printed).toEqual(["[ 1, 7 ]"]),
  };
}

/** A program that does not add them. Its types are checked on their own, since other programs would add them here, too. */
function withoutMoreMethods(): Project {
  return {
    name: "without-more-methods",
    dependencies: ["@thalweg/tensor"],
    source: `import { isInf, tensor } from "@thalweg/tensor";

const x = tensor([1, Number.POSITIVE_INFINITY]);
// @ts-expect-error a program that imports no more methods has none
console.log(x.nanToNum, isInf(x).toArray());
`,
    check: (printed) => expect(printed).toEqual(["undefined [ 0, 1 ]"]),
  };
}

/** A user's optimizer, that of apps/custom-optimizer: used by its name, with its types. */
async function plugin(): Promise<Project> {
  const source = await readFile(join(repository, "apps/custom-optimizer/src/adan.ts"), "utf8");
  return {
    name: "plugin",
    dependencies: ["@thalweg/autograd", "@thalweg/optim", "@thalweg/tensor"],
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

/** A program that asks for a GPU without the package that Node needs for it, or in a browser without one. */
function withoutGPU(name: string, dependency: string): Project {
  return {
    name,
    dependencies: [dependency],
    source: `import { ones } from "${dependency}";
import { initWebGPU } from "${dependency}/webgpu";

try {
  await initWebGPU();
} catch (error) {
  console.log((error as Error).message);
}
console.log(ones([2]).sum().item());
`,
    check([refusal, sum]) {
      expect(refusal).toMatch(
        /^initWebGPU: (Node has no .*; install it: npm install webgpu|WebGPU is not available, .*)$/,
      );
      expect(sum).toBe("2");
    },
  };
}

/** A package's README: its install line, its example, and the output in the example's comments. */
async function readmeExample(name: string): Promise<Project> {
  const readme = await readFile(join(repository, "packages", name, "README.md"), "utf8");
  const source = readme.match(/```ts\n(.*?)```/s)![1]!;
  const promised = [...source.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1]);
  return {
    name: `readme-${name}`,
    isForNode: name === "blas",
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
