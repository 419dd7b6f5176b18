import { cat, type DType, LBFGS, type LBFGSOptions, softplus, type Tensor, tensor } from "thalweg";
import { describe, expect, it } from "vitest";
import { Comparison, leaf } from "./compare";
import { type Encoded, type Expected, load, type Stored } from "./fixture";

interface Fixture {
  readonly target: number[];
  readonly weight: number[];
  readonly cases: readonly {
    readonly name: string;
    readonly problem: "convex" | "valley";
    readonly options: Partial<LBFGSOptions>;
    readonly start: readonly Stored[];
    /** After each step: the first loss in it, evaluations so far, and the parameters. */
    readonly steps: readonly {
      readonly loss: Encoded;
      readonly evaluations: number;
      readonly parameters: readonly Expected[];
    }[];
  }[];
}

const { target, weight, cases } = load<Fixture>("lbfgs");

/** The problems of `cases/optimizers.py`, by the same names. */
const problems = {
  convex: (v: Tensor, dtype: DType) =>
    v.sub(tensor(target, { dtype })).square().mul(tensor(weight, { dtype })).sum().add(softplus(v.sum())),
  valley(v: Tensor) {
    const [x, y] = [v.slice([0, -1]), v.slice([1, v.size])];
    return x.sub(1).square().add(y.sub(x.square()).square().mul(5)).sum();
  },
};

function prepare({ problem, options, start }: Fixture["cases"][number], dtype: DType) {
  const params = start.map((stored) => leaf(stored, dtype, true));
  const optimizer = new LBFGS(params, options);
  const step = () =>
    optimizer.step(() => {
      optimizer.zeroGrad();
      const v = cat(
        params.map((p) => p.flatten()),
        0,
      );
      const loss = problems[problem](v, dtype);
      loss.backward();
      return loss;
    });
  return { params, optimizer, step };
}

describe("LBFGS in float64", () => {
  for (const one of cases) {
    it(one.name, () => {
      const { params, optimizer, step } = prepare(one, "float64");
      const comparison = new Comparison("float64");
      one.steps.forEach(({ loss, evaluations, parameters }, t) => {
        comparison.numbers(`loss of step ${t}`, [step().item()], [loss]);
        expect(optimizer.state.get(params[0]!)!.numbers.evaluations, `step ${t}`).toBe(evaluations);
        params.forEach((param, i) => {
          comparison.tensor(`step ${t}, parameter ${i}`, param, param.shape, parameters[i]!);
        });
      });
      comparison.finish(one.steps.length * (1 + params.length));
    });
  }
});

// Its steps depend on differences of almost equal losses: only the final loss is comparable.
describe("LBFGS in float32 ends as low as in float64", () => {
  for (const one of cases.filter(({ problem }) => problem === "convex")) {
    it(one.name, () => {
      const { step } = prepare(one, "float32");
      const losses = one.steps.map(() => step().item());
      const comparison = new Comparison("float32");
      comparison.numbers("loss of the last step", losses.slice(-1), [one.steps.at(-1)!.loss]);
      comparison.finish(1);
    });
  }
});
