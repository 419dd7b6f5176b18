import { type Distribution, klDivergence, type Tensor } from "thalweg";
import { describe, it } from "vitest";
import { construct } from "./api";
import type { OpCase } from "./call";
import { Comparison, dtypes, leaf } from "./compare";
import { load } from "./fixture";

const { cases } = load<{ cases: readonly OpCase[] }>("distributions");

/** What a case asks of the distribution of its first inputs: a property, or a method of the others. */
function evaluate(op: string, inputs: readonly Tensor[]): Tensor {
  const [, name, parameter, member] = /^(\w+)(?:\((\w+)\))?\.(\w+)$/.exec(op)!;
  const count = parameter !== undefined || name === "Exponential" ? 1 : 2;
  const make = (of: readonly Tensor[]) =>
    construct<Distribution>(name!, parameter === undefined ? of : [{ [parameter]: of[0] }]);
  const [distribution, others] = [make(inputs.slice(0, count)), inputs.slice(count)];
  if (member === "klDivergence") return klDivergence(distribution, make(others));
  const found = (distribution as unknown as Record<string, unknown>)[member!];
  if (typeof found !== "function") return found as Tensor;
  return found.call(distribution, ...others) as Tensor;
}

describe.each(dtypes)("distributions of %s", (dtype) => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, { op, inputs, outputs, grads }) => {
    const tensors = inputs.map((stored) => leaf(stored, dtype, stored.grad ?? false));
    const [{ shape, data, seed }] = outputs as [OpCase["outputs"][0]];
    const comparison = new Comparison(dtype);
    const output = evaluate(op, tensors);
    comparison.tensor("output", output, shape, data);
    if (seed) output.backward(leaf({ shape, data: seed }, dtype));
    tensors.forEach((input, i) => {
      comparison.gradient(`gradient of input ${i}`, input, grads[i]!);
    });
    comparison.finish(1 + tensors.length);
  });
});
