import { Module, ModuleDict, ModuleList, ones, ParameterDict, ParameterList, type Tensor } from "thalweg";
import { describe, it } from "vitest";
import { construct, invoke } from "./api";
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
    /** The function that normalises a parameter, with its arguments. */
    readonly normed?: { readonly by: string; readonly args: readonly unknown[] };
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

/** An argument of a constructor, layers and tensors included. */
function made(arg: unknown): unknown {
  if (isPart(arg)) return construct(arg.layer, arg.args.map(made));
  if (Array.isArray(arg)) return arg.map(made);
  if (typeof arg !== "object" || arg === null) return argument(arg);
  if ("ones" in arg) return ones([arg.ones as number]);
  return Object.fromEntries(Object.entries(arg).map(([key, item]) => [key, made(item)]));
}

const apply = (y: Tensor, one: Module | Tensor): Tensor =>
  one instanceof Module ? (one as Layer).forward(y) : y.mul(one);

/** Collections have no `forward` of their own: layers run in turn, and parameters are multiplied with. */
function run(layer: Layer, x: Tensor): Tensor {
  if (layer instanceof ModuleList || layer instanceof ParameterList) {
    return [...(layer as Iterable<Module | Tensor>)].reduce(apply, x);
  }
  if (layer instanceof ModuleDict || layer instanceof ParameterDict) {
    return [...(layer as ModuleDict).values()].reduce(apply, x);
  }
  return layer.forward(x);
}

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
      normed,
      buffers = {},
    } of cases) {
      it(name, () => {
        const subject = construct<Layer>(layer, args.map(made));
        if (normed !== undefined) invoke(normed.by, [subject, ...normed.args.map(made)]);
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
