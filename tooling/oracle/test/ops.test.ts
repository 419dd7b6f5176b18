import { describe, it } from "vitest";
import { call, inputs, type OpCase } from "./call";
import { Comparison, dtypes, leaf } from "./compare";
import { counts, load } from "./fixture";

const files = Object.keys(counts).filter((name) => name.startsWith("ops/"));

for (const file of files) {
  const { cases } = load<{ cases: readonly OpCase[] }>(file);
  for (const dtype of dtypes) {
    describe(`${file} in ${dtype}`, () => {
      for (const one of cases) {
        it(one.name, () => {
          const tensors = inputs(one, dtype);
          const outputs = call(one, tensors);
          const comparison = new Comparison(dtype);
          one.outputs.forEach(({ shape, data, field }, i) => {
            comparison.tensor(field ?? `output ${i}`, outputs[i]!, shape, data);
          });
          one.outputs.forEach(({ shape, seed }, i) => {
            if (seed) outputs[i]!.backward(leaf({ shape, data: seed }, dtype), { retainGraph: true });
          });
          tensors.forEach((input, i) => {
            comparison.gradient(`gradient of input ${i}`, input, one.grads[i]!);
          });
          comparison.finish(outputs.length + tensors.length);
        });
      }
    });
  }
}
