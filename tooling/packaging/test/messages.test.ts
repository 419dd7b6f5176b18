import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "../src/run.js";
import { diagnose, madeUp } from "./diagnose.js";

/** All published types. */
const declarations = [
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
  "data",
  "io",
]
  .flatMap((name) => {
    const folder = join(repository, "packages", name, "dist");
    return readdirSync(folder).map((file) => join(folder, file));
  })
  .filter((path) => path.endsWith(".d.ts"))
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

/** Mistakes, each a statement, and the compiler's message. */
const mistakes: [string, string, RegExp][] = [
  ["an array in place of a tensor", "x.add([1, 2])", /missing .* from type 'Tensor': shape, /],
  ["an object in place of a tensor", "mseLoss({ shape: [1] }, x)", /from type 'Tensor': strides, /],
  ["an object declared as a tensor", "const made: Tensor = {}", /from type 'Tensor': shape, /],
  ["a number in place of a tensor", "x.matmul(3)", /parameter of type 'Tensor'/],
  ["operators between tensors", "x + x", /Operator '\+' cannot be applied to types .*\.Tensor'/],
  ["a comparison of tensors with a text", "x === 'a'", /types 'Tensor' and 'string'/],
  ["a model in place of a tensor", "grad(x, model)", /from type 'Tensor': shape, /],
  ["a tensor made with new", "new Tensor()", /Expected 2 arguments/],
  ["a tensor in place of a module", "new Sequential(x)", /from type 'Layer': forward, training, /],
  ["an object declared as a module", "const made: Module = {}", /from type 'Module': training, forward, /],
  [
    "an object declared as a parameter",
    "const made: Parameter = {}",
    /from type 'Parameter': isParameter, shape/,
  ],
  [
    "an object declared as an optimizer",
    "const made: Optimizer = {}",
    /'Optimizer<object>': paramGroups, state, /,
  ],
  ["a module in place of parameters", "new Adam(model)", /type 'ParameterInput/],
  [
    "an optimizer in place of another",
    "const made: Adam = new SGD([x])",
    /Type .SGD. is not assignable to type .Adam./,
  ],
  ["an object declared as a generator", "const made: Generator = {}", /'Generator': manualSeed, getState, /],
  ["a seed in place of a generator", "rand([3], { generator: 42 })", /'number' .* type 'Generator'/],
  [
    "an object declared as a loader",
    "const made: DataLoader<number, Tensor> = {}",
    /: dataset, batchSize, length, /,
  ],
  [
    "an object declared as a scheduler",
    "const made: LRScheduler = {}",
    /'LRScheduler': optimizer, baseLrs, /,
  ],
  ["an object declared as a plateau", "const made: ReduceLROnPlateau = {}", /: optimizer, lastEpoch, step, /],
  [
    "a module in place of an optimizer",
    "new StepLR(model, { stepSize: 1 })",
    /required in type 'Schedulable'/,
  ],
  [
    "an object declared as a table",
    "const made: CsvTable = {}",
    /'CsvTable': columns, data, categories, rows/,
  ],
  ["an empty backend", "registerBackend({})", /from type 'Backend': device, dtypes, /],
  ["an empty storage", "const made: Storage = {}", /from type 'Storage': backend, dtype, size, /],
  ["an empty sampler", "new DataLoader([1], { sampler: {} })", /from type 'Sampler': length, indices/],
  ["a dataset without get", "new DataLoader({ length: 3 })", /'get' is missing/],
  ["an empty rule", "defineClosureOptimizer({})", /from type 'ClosureRule<Options>': state, search, /],
  ["a class without a rule", "class Mine extends Optimizer {}", /abstract member advance/],
  ["a module in place of an optimizer's class", "registerOptimizer(Linear)", /optimizerName, defaults/],
  [
    "another option of an optimizer",
    "new Adam([x], { learningRate: 1 })",
    /does not exist in type 'Partial<AdamOptions>'/,
  ],
  ["another option of a sum", "x.sum(0, { keepdim: true })", /Did you mean to write 'keepDim'/],
  ["a function as a number", "const made: number = relu", /Type 'Unary'/],
];

test.each(mistakes)(
  "the compiler says what is wrong with %s in names that its reader knows",
  (_, line, expected) => {
    const messages = diagnose(`
    import * as library from "thalweg";
    import {
      Adam, CsvTable, DataLoader, defineClosureOptimizer, Generator, grad, Linear, LRScheduler, Module, mseLoss, Optimizer, Parameter,
      rand, ReduceLROnPlateau, registerBackend, registerOptimizer, relu, Sequential, SGD, StepLR, Storage, Tensor,
    } from "thalweg";
    declare const x: Tensor;
    declare const model: Module;
    export { library };
    ${line};
  `);
    expect(messages.join("\n")).toMatch(expected);
    for (const message of messages) {
      // The compiler distinguishes two types of one name by their files.
      const text = message.replaceAll(/import\("[^"]*"(, \{[^}]*\} \})?\)/g, "");
      expect(text).not.toMatch(madeUp);
      for (const [type, names] of missing(text)) {
        expect(names.filter((name) => privatesOf(type).includes(name))).toEqual([]);
      }
    }
  },
);

test("declarations leave out internal members", () => {
  for (const name of [
    "x.gradient",
    "x.keepGradient",
    "optimizer.description",
    "generator.take",
    "model.$own",
  ]) {
    const known = "declare const x: Tensor, optimizer: Optimizer, generator: Generator, model: Module;";
    const messages = diagnose(
      `import type { Generator, Module, Optimizer, Tensor } from "thalweg"; ${known} export { generator, model, optimizer, x }; ${name};`,
    );
    expect(messages).toEqual([
      expect.stringMatching(/^Property '.*' does not exist on type '\w+(<object>)?'\.$/),
    ]);
  }
});

/** The types that a message mentions, with the members that it names as missing. */
function missing(message: string): [type: string, names: string[]][] {
  const lists = message.matchAll(/missing the following properties from type '(\w+)[^']*': (.*)/g);
  return Array.from(lists, ([, type, names]) => [type!, names!.split(/, (?:and )?/)]);
}

/** Private members of a class, its own and inherited ones. */
function privatesOf(type: string): string[] {
  const pattern = new RegExp(`class ${type}\\b[^{]*?(?: extends (\\w+)[^{]*)?\\{\\n([^]*?)\\n\\}`);
  const [, base, body] = pattern.exec(declarations) ?? [];
  const own = (body ?? "").matchAll(/^\s+private (?:static |readonly |get )*(\w+)/gm);
  return [...Array.from(own, ([, name]) => name!), ...(base === undefined ? [] : privatesOf(base))];
}
