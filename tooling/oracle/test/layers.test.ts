import type { Module, Tensor } from "thalweg";
import { describe, it } from "vitest";
import { construct } from "./api";
import { argument } from "./call";
import { Comparison, dtypes, leaf } from "./compare";
import { type Encoded, type Expected, load, type Stored } from "./fixture";

interface Fixture {
  readonly cases: readonly {
    readonly name: string;
    readonly layer: string;
    readonly args: readonly unknown[];
    readonly state: Readonly<Record<string, Stored>>;
    readonly input: Stored;
    readonly output: Stored & { readonly seed: readonly Encoded[] };
    readonly inputGrad: Expected;
    readonly grads: Readonly<Record<string, Expected>>;
    /** Whether the layer is not in training. */
    readonly evaluated?: true;
    /** What is kept but not trained, afterwards. */
    readonly buffers?: Readonly<Record<string, Expected>>;
  }[];
}

type Layer = Module & { forward(input: Tensor): Tensor };

const { cases } = load<Fixture>("layers");

for (const dtype of dtypes) {
  describe(`layers in ${dtype}`, () => {
    for (const {
      name,
      layer,
      args,
      state,
      input,
      output,
      inputGrad,
      grads,
      evaluated,
      buffers = {},
    } of cases) {
      it(name, () => {
        const subject = construct<Layer>(
          layer,
          args.map((arg) => argument(arg)),
        );
        subject.to(dtype).train(evaluated !== true);
        subject.loadStateDict(
          Object.fromEntries(Object.entries(state).map(([key, stored]) => [key, leaf(stored, dtype)])),
        );
        const x = leaf(input, dtype, true);
        const y = subject.forward(x);
        const comparison = new Comparison(dtype);
        comparison.tensor("output", y, output.shape, output.data);
        y.backward(leaf({ shape: output.shape, data: output.seed }, dtype));
        comparison.gradient("gradient of the input", x, inputGrad);
        for (const [key, parameter] of subject.namedParameters()) {
          comparison.gradient(`gradient of ${key}`, parameter, grads[key] ?? null);
        }
        for (const [key, buffer] of subject.namedBuffers()) {
          comparison.tensor(`${key} afterwards`, buffer, buffer.shape, buffers[key] ?? []);
        }
        comparison.finish(2 + Object.keys(grads).length + Object.keys(buffers).length);
      });
    }
  });
}
