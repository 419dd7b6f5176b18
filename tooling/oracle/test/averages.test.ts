import { AveragedWeights, BatchNorm1d, Linear, noGrad, tensor, updateBatchNorm } from "thalweg";
import { describe, it } from "vitest";
import { Comparison } from "./compare";
import { load } from "./fixture";

interface Case {
  readonly name: string;
  readonly options: { readonly decay?: number };
  /** The parameters of each state, or the batches. */
  readonly states: readonly (readonly (readonly number[])[])[];
  readonly expected: readonly (readonly number[])[];
}

const { cases } = load<{ cases: readonly Case[] }>("averages");

describe("averages", () => {
  const ofWeights = cases.filter(({ name }) => name !== "updateBatchNorm");
  it.each(ofWeights.map((one) => [one.name, one] as const))("%s", (_, { options, states, expected }) => {
    const model = new Linear(3, 2).to("float64");
    const average = new AveragedWeights(model, options);
    for (const state of states) {
      noGrad(() => {
        for (const [k, parameter] of model.parameters().entries()) {
          parameter.copy_(tensor(state[k]!, { dtype: "float64" }).reshape(parameter.shape));
        }
      });
      average.update();
    }
    const comparison = new Comparison("float64");
    average.use(() => {
      for (const [k, parameter] of model.parameters().entries()) {
        comparison.numbers(`parameter ${k}`, parameter.dataSync(), expected[k]!);
      }
    });
    comparison.finish(2);
  });

  it("updateBatchNorm", async () => {
    const { states, expected } = cases.find(({ name }) => name === "updateBatchNorm")!;
    const model = new BatchNorm1d(4).to("float64");
    await updateBatchNorm(
      model,
      states.map(([batch]) => tensor(batch!, { dtype: "float64" }).reshape([-1, 4])),
    );
    const comparison = new Comparison("float64");
    comparison.numbers("mean", model.runningMean!.dataSync(), expected[0]!);
    comparison.numbers("variance", model.runningVar!.dataSync(), expected[1]!);
    comparison.finish(2);
  });
});
