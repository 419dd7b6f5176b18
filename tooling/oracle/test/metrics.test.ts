import { type DType, type Metric, type NestedArray, tensor } from "thalweg";
import { describe, it } from "vitest";
import { construct } from "./api";
import { Comparison, dtypes } from "./compare";
import { type Encoded, load } from "./fixture";

interface Case {
  readonly name: string;
  readonly metric: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly input: readonly NestedArray[];
  /** Empty where a metric takes the input alone. */
  readonly target: readonly NestedArray[];
  readonly expected: Encoded | readonly Encoded[] | readonly (readonly Encoded[])[];
}

const { cases } = load<{ cases: readonly Case[] }>("metrics");

/** The result of a metric that is given a case in batches of seven. */
function compute({ metric: name, args, options, input, target }: Case, dtype: DType): number[] {
  const hasOptions = Object.keys(options).length > 0;
  const metric = construct<Metric<unknown[]>>(name, [...args, ...(hasOptions ? [options] : [])]);
  for (let i = 0; i < input.length; i += 7) {
    const rows = [input, target].map((all) => all.slice(i, i + 7)).filter((part) => part.length > 0);
    metric.update(...rows.map((part) => tensor(part as NestedArray, { dtype })));
  }
  return [metric.compute()].flat(2) as number[];
}

describe.each(dtypes)("metrics of %s", (dtype) => {
  it.each(cases.map((one) => [`${one.metric}: ${one.name}`, one] as const))("%s", (_, one) => {
    // The losses behind a perplexity are tensors. All else is counted and added as numbers of 64 bits.
    const comparison = new Comparison(one.metric === "Perplexity" ? dtype : "float64");
    comparison.numbers("result", compute(one, dtype), [one.expected].flat(2) as Encoded[]);
    comparison.finish(1);
  });
});
