import { type Module, ModuleList, type Tensor } from "thalweg";
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
    /** Whether the layer is in eval mode. */
    readonly evaluated?: true;
    /** The buffers after the call. */
    readonly buffers?: Readonly<Record<string, Expected>>;
  }[];
}

type Layer = Module & { forward(input: Tensor): Tensor };

/** A layer among the arguments of another. */
interface Part {
  readonly layer: string;
  readonly args: readonly unknown[];
}

const isPart = (value: unknown): value is Part =>
  typeof value === "object" && value !== null && "layer" in value;

/** An argument of a constructor, layers included. */
function made(arg: unknown): unknown {
  if (isPart(arg)) return construct(arg.layer, arg.args.map(made));
  return Array.isArray(arg) ? arg.map(made) : argument(arg);
}

/** A list of layers has no `forward` of its own: they run in turn. */
const run = (layer: Layer, x: Tensor): Tensor =>
  layer instanceof ModuleList
    ? [...(layer as ModuleList<Layer>)].reduce((y, one) => one.forward(y), x)
    : layer.forward(x);

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
        const subject = construct<Layer>(layer, args.map(made));
        subject.to(dtype).train(evaluated !== true);
        subject.loadStateDict(
          Object.fromEntries(Object.entries(state).map(([key, stored]) => [key, leaf(stored, dtype)])),
        );
        const x = leaf(input, dtype, true);
        const y = run(subject, x);
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
