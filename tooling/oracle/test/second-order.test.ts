import { grad } from "thalweg";
import { describe, expect, it } from "vitest";
import { call, inputs, type OpCase } from "./call";
import { Comparison, leaf } from "./compare";
import { counts, load } from "./fixture";

const files = Object.keys(counts).filter((name) => name.startsWith("ops/"));
const dtype = "float64";

for (const file of files) {
  const curved = load<{ cases: readonly OpCase[] }>(file).cases.filter(({ second }) => second);
  describe.runIf(curved.length > 0)(`second derivatives of ${file} in ${dtype}`, () => {
    for (const one of curved) {
      it(one.name, () => {
        const tensors = inputs(one, dtype);
        const leaves = tensors.filter(({ requiresGrad }) => requiresGrad);
        const outputs = call(one, tensors).filter((_, i) => one.outputs[i]!.seed);
        const gradOutputs = one.outputs.flatMap(({ shape, seed }) =>
          seed ? [leaf({ shape, data: seed }, dtype)] : [],
        );
        const first = grad(outputs, leaves, { gradOutputs, createGraph: true });
        const { directions, grads } = one.second!;
        const along = leaves.map(({ shape }, i) => leaf({ shape, data: directions[i]! }, dtype));
        const followed = first.map((g, i) => [g, along[i]!] as const).filter(([g]) => g.requiresGrad);
        const second = grad(
          followed.map(([g]) => g),
          leaves,
          { gradOutputs: followed.map(([, v]) => v), allowUnused: true },
        );
        const comparison = new Comparison(dtype);
        second.forEach((g, i) => {
          if (g) comparison.tensor(`second derivative by input ${i}`, g, leaves[i]!.shape, grads[i]!);
          else
            comparison.numbers(
              `second derivative by input ${i}`,
              new Float64Array(leaves[i]!.size),
              grads[i]!,
            );
        });
        comparison.finish(leaves.length);
      });
    }
  });
}

it("covers second derivatives in most files", () => {
  const curved = files
    .flatMap((file) => load<{ cases: OpCase[] }>(file).cases)
    .filter(({ second }) => second);
  expect(curved.length).toBeGreaterThan(400);
});
