import { type Module, Tensor } from "thalweg";
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
    readonly inputs: readonly (Stored & { readonly grad?: true })[];
    readonly call: readonly unknown[];
    readonly outputs: readonly (Stored & { readonly seed: readonly Encoded[] })[];
    readonly inputGrads: readonly (Expected | null)[];
    readonly grads: Readonly<Record<string, Expected>>;
  }[];
}

type Layer = Module & { forward(...inputs: unknown[]): unknown };

/** The tensors of a result, however nested. */
const flat = (result: unknown): Tensor[] =>
  Array.isArray(result) ? result.flatMap(flat) : result instanceof Tensor ? [result] : [];

/** A layer. Its arguments, and its options, may be layers, or functions that make them. */
function made(layer: string, args: readonly unknown[]): Layer {
  const value = (arg: unknown): unknown => {
    const { layer, maker, args } = Object(arg) as Partial<Record<string, unknown>>;
    if (layer !== undefined) return made(layer as string, args as unknown[]);
    if (maker !== undefined) return () => made(maker as string, args as unknown[]);
    return arg;
  };
  const given = args.map((arg) => value(argument(arg)));
  const last = given.at(-1);
  if (isPlain(last)) {
    given[given.length - 1] = Object.fromEntries(Object.entries(last).map(([key, arg]) => [key, value(arg)]));
  }
  return construct<Layer>(layer, given);
}

const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

for (const dtype of dtypes) {
  describe(`layers with several inputs or outputs in ${dtype}`, () => {
    for (const { name, layer, args, state, inputs, call, outputs, inputGrads, grads } of load<Fixture>(
      "modules",
    ).cases) {
      it(name, () => {
        const subject = made(layer, args);
        subject.to(dtype);
        subject.loadStateDict(
          Object.fromEntries(Object.entries(state).map(([key, stored]) => [key, leaf(stored, dtype)])),
        );
        const tensors = inputs.map((input) => leaf(input, dtype, input.grad));
        const results = flat(subject.forward(...call.map((arg) => argument(arg, tensors))));
        const comparison = new Comparison(dtype);
        let sum: Tensor | null = null;
        results.forEach((result, i) => {
          const { shape, data, seed } = outputs[i]!;
          comparison.tensor(`output ${i}`, result, shape, data);
          const part = result.mul(leaf({ shape, data: seed }, dtype)).sum();
          sum = sum?.add(part) ?? part;
        });
        sum!.backward();
        tensors.forEach((input, i) => {
          comparison.gradient(`gradient of input ${i}`, input, inputGrads[i] ?? null);
        });
        for (const [key, parameter] of subject.namedParameters()) {
          comparison.gradient(`gradient of ${key}`, parameter, grads[key] ?? null);
        }
        comparison.finish(outputs.length + inputs.length + Object.keys(state).length);
      });
    }
  });
}
