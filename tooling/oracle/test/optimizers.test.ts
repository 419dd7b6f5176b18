import type { Optimizer, Tensor } from "thalweg";
import { describe, it } from "vitest";
import { construct } from "./api";
import { Comparison, dtypes, leaf } from "./compare";
import { type Encoded, type Expected, load, type Stored } from "./fixture";

interface Fixture {
  readonly parameters: readonly Stored[];
  /** By step, then by parameter; null where the parameter has no gradient. */
  readonly gradients: readonly (readonly (readonly Encoded[] | null)[])[];
  readonly cases: readonly {
    readonly name: string;
    readonly optimizer: string;
    readonly options: Readonly<Record<string, unknown>>;
    /** Positions of the parameters that it is for, if not for all. */
    readonly parameters?: readonly number[];
    /** By step, then by parameter. */
    readonly trajectory: readonly (readonly Expected[])[];
  }[];
}

const { parameters, gradients, cases } = load<Fixture>("optimizers");

for (const dtype of dtypes) {
  describe(`optimizers in ${dtype}`, () => {
    for (const { name, optimizer, options, trajectory, parameters: positions } of cases) {
      it(name, () => {
        const chosen = positions ?? parameters.map((_, i) => i);
        const params: Tensor[] = chosen.map((i) => leaf(parameters[i]!, dtype, true));
        const subject = construct<Optimizer>(optimizer, [params, options]);
        const comparison = new Comparison(dtype);
        gradients.forEach((step, t) => {
          params.forEach((parameter, i) => {
            const data = step[chosen[i]!];
            parameter.grad = data ? leaf({ shape: parameter.shape, data }, dtype) : null;
          });
          subject.step();
          params.forEach((parameter, i) => {
            comparison.tensor(
              `step ${t}, parameter ${i}`,
              parameter,
              parameters[chosen[i]!]!.shape,
              trajectory[t]![i]!,
            );
          });
        });
        comparison.finish(gradients.length * params.length);
      });
    }
  });
}
