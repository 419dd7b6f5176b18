import * as optim from "@thalweg/optim";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  createOptimizer,
  LAMB,
  LBFGS,
  Lion,
  Muon,
  NAdam,
  type OptimizerClass,
  type OptimizerRegistry,
  optimizerNames,
  RAdam,
  RMSprop,
  SGD,
} from "@thalweg/optim";
import { Generator, randn, setWebAssembly, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { type LawOptions, optimizerLaws } from "./index";

/** Title, laws: every built-in optimizer with each option that changes what it computes. */
const cases: (readonly [string, ReturnType<typeof optimizerLaws>])[] = [];

const tried = new Set<unknown>();

function add<O extends object>(Class: OptimizerClass<O>, ...options: LawOptions<O>[]): void {
  tried.add(Class);
  for (const one of options) {
    const text = JSON.stringify(one.options).replaceAll('"', "");
    cases.push([`${Class.optimizerName} with ${text}`, optimizerLaws(Class, { numRuns: 10, ...one })]);
  }
}

// Weight decay moves parameters even where the gradient is zero.
const zeroIsFixed = false;

add(
  SGD,
  { options: { lr: 0.1 } },
  { options: { lr: 0.05, momentum: 0.9 } },
  { options: { lr: 0.05, momentum: 0.9, nesterov: true } },
  { options: { lr: 0.1, momentum: 0.5, dampening: 0.3 } },
  { options: { lr: 0.1, weightDecay: 0.01 }, zeroIsFixed },
);
add(
  Adagrad,
  { options: { lr: 0.5 } },
  { options: { lr: 0.5, initialAccumulatorValue: 0.1, lrDecay: 1e-3 } },
  { options: { lr: 0.5, weightDecay: 0.01 }, zeroIsFixed },
);
add(
  RMSprop,
  { options: { lr: 0.02 } },
  { options: { lr: 0.02, centered: true } },
  { options: { lr: 0.005, momentum: 0.8 } },
  { options: { lr: 0.01, weightDecay: 0.01 }, zeroIsFixed },
);
add(
  Adam,
  { options: { lr: 0.05 } },
  { options: { lr: 0.05, amsgrad: true } },
  { options: { lr: 0.05, betas: [0.5, 0.9] } },
  { options: { lr: 0.05, weightDecay: 0.01 }, zeroIsFixed },
);
add(
  AdamW,
  { options: { lr: 0.05 }, zeroIsFixed },
  { options: { lr: 0.05, weightDecay: 0 } },
  { options: { lr: 0.05, amsgrad: true }, zeroIsFixed },
);

add(
  Adadelta,
  { options: { lr: 1, eps: 1e-3 } },
  { options: { lr: 5, rho: 0.95 } },
  { options: { lr: 1, eps: 1e-3, weightDecay: 0.01 }, zeroIsFixed },
);
add(
  Adamax,
  { options: { lr: 0.05 } },
  { options: { lr: 0.05, betas: [0.5, 0.9] } },
  { options: { lr: 0.05, weightDecay: 0.01 }, zeroIsFixed },
);
add(
  NAdam,
  { options: { lr: 0.05 } },
  { options: { lr: 0.05, momentumDecay: 0.5 } },
  { options: { lr: 0.05, weightDecay: 0.01 }, zeroIsFixed },
  { options: { lr: 0.05, weightDecay: 0.01, decoupledWeightDecay: true }, zeroIsFixed },
);
add(
  RAdam,
  { options: { lr: 0.05 } },
  { options: { lr: 0.05, betas: [0.9, 0.6] } },
  { options: { lr: 0.05, weightDecay: 0.01 }, zeroIsFixed },
  { options: { lr: 0.05, weightDecay: 0.01, decoupledWeightDecay: true }, zeroIsFixed },
);
add(
  Lion,
  { options: { lr: 0.02 } },
  { options: { lr: 0.02, betas: [0.5, 0.9] } },
  { options: { lr: 0.02, weightDecay: 0.01 }, zeroIsFixed },
);
// Steps as long as the parameter times the rate never take a number across 0.
const spread = [[2], [1, 3], [2, 2]];
add(
  LAMB,
  { options: { lr: 0.02 }, shapes: spread },
  { options: { lr: 0.1, maxNorm: 0.5 }, shapes: spread },
  { options: { lr: 0.02, weightDecay: 0.01 }, shapes: spread, zeroIsFixed },
);
const shapes = [
  [3, 2],
  [2, 3],
  [1, 2, 2],
];
add(
  Muon,
  { options: { lr: 0.02, weightDecay: 0 }, shapes },
  { options: { lr: 0.02, weightDecay: 0, nesterov: false, momentum: 0.8 }, shapes },
  { options: { lr: 0.05, weightDecay: 0, adjustLrFn: "matchRmsAdamw" }, shapes, steps: 600 },
  { options: { lr: 0.02, weightDecay: 0.01 }, shapes, zeroIsFixed },
);
add(
  LBFGS,
  { options: { lr: 0.3, maxIter: 1, historySize: 3 } },
  { options: { lr: 0.5, maxIter: 4 } },
  { options: { lineSearchFn: "strongWolfe", maxIter: 2, historySize: 2 } },
);

describe.each(cases)("%s", (_, laws) => {
  for (const law of laws) it(law.name, law.run);
});

it("cover all optimizers that optim exports", () => {
  const optimizers = Object.entries(optim).filter(([, value]) => "optimizerName" in Object(value));
  expect(optimizers.length).toBeGreaterThan(10);
  expect(optimizers.filter(([, Class]) => !tried.has(Class)).map(([name]) => name)).toEqual([]);
  const registered = optimizers.map(
    ([, Class]) => (Class as unknown as OptimizerClass<object>).optimizerName,
  );
  expect(optimizerNames()).toEqual(registered.sort());
});

describe.each(optimizerNames() as (keyof OptimizerRegistry)[])("%s", (name) => {
  it("gives the same bits with WebAssembly and without", () => {
    const random = (seed: number) => randn([24, 25], { generator: new Generator(seed) });
    const run = () => {
      const w = tensor(random(0).dataSync(), { shape: [24, 25], requiresGrad: true });
      const optimizer = createOptimizer(name, [w]);
      for (let step = 1; step < 6; step++) {
        optimizer.step(() => {
          w.grad = w.detach().mul(0.25).add(random(step));
          return w.detach().square().sum().item();
        });
      }
      return Array.from(w.dataSync());
    };
    const before = setWebAssembly("never");
    try {
      const rendered = run();
      setWebAssembly("always");
      expect(run()).toEqual(rendered);
    } finally {
      setWebAssembly(before);
    }
  });
});
