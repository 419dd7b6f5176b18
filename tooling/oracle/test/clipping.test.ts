import { clipGradNorm_, zeros } from "thalweg";
import { describe, it } from "vitest";
import { argument } from "./call";
import { Comparison, dtypes, leaf } from "./compare";
import { type Encoded, type Expected, load, type Stored } from "./fixture";

interface Fixture {
  readonly cases: readonly {
    readonly name: string;
    readonly maxNorm: number;
    readonly options: { readonly normType?: Encoded };
    readonly gradients: readonly (Stored | null)[];
    /** The norm of all gradients together, before clipping. */
    readonly total: Encoded;
    readonly clipped: readonly (Expected | null)[];
  }[];
}

const { cases } = load<Fixture>("clipping");

for (const dtype of dtypes) {
  describe(`gradient clipping in ${dtype}`, () => {
    for (const { name, maxNorm, options, gradients, total, clipped } of cases) {
      it(name, () => {
        const parameters = gradients.map((gradient) => {
          const parameter = zeros([...(gradient?.shape ?? [2])], { dtype, requiresGrad: true });
          parameter.grad = gradient && leaf(gradient, dtype);
          return parameter;
        });
        const norm = clipGradNorm_(parameters, maxNorm, argument(options) as { normType?: number });
        const comparison = new Comparison(dtype);
        comparison.numbers("total norm", [Number(typeof norm === "number" ? norm : norm.item())], [total]);
        parameters.forEach((parameter, i) => {
          comparison.gradient(`gradient ${i}`, parameter, clipped[i]!);
        });
        comparison.finish(1 + parameters.length);
      });
    }
  });
}
