import { Adagrad, Adam, AdamW, type OptimizerClass, RMSprop, SGD } from "@thalweg/optim";
import { describe, it } from "vitest";
import { type LawOptions, optimizerLaws } from "./index";

/** Title, laws: every built-in optimizer with each option that changes what it computes. */
const cases: (readonly [string, ReturnType<typeof optimizerLaws>])[] = [];

function add<O extends object>(Class: OptimizerClass<O>, ...options: LawOptions<O>[]): void {
  for (const one of options) {
    const text = JSON.stringify(one.options).replaceAll('"', "");
    cases.push([`${Class.optimizerName} with ${text}`, optimizerLaws(Class, { numRuns: 10, ...one })]);
  }
}

// Decay moves parameters also where the gradient is zero.
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

describe.each(cases)("%s", (_, laws) => {
  for (const law of laws) it(law.name, law.run);
});
