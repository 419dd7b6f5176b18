import { noGrad } from "@thalweg/autograd";
import type { Module } from "@thalweg/nn";
import { randnLike, Tensor } from "@thalweg/tensor";
import fc, { type GeneratorValue } from "fast-check";
import { drawInputs, gradientsOf, type LawInput, leavesAt, seeded, smoothOf, withInputs } from "./law-inputs";

/** A layer, or any other module. */
export type TestedLayer = Module;

/** The tensors of a result, however nested. */
export function flat(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  return typeof result === "object" && result !== null ? Object.values(result).flatMap(flat) : [];
}

/** A layer under test, with its constructor and its computation. */
export class LayerTrial<M extends TestedLayer> {
  readonly smooth: readonly number[];

  constructor(
    readonly make: () => M,
    readonly inputs: readonly LawInput[],
    readonly call: (layer: M, ...inputs: Tensor[]) => unknown,
    readonly numRuns: number,
  ) {
    this.smooth = smoothOf(inputs);
  }

  /** A layer whose parameters differ from their initial values, such as ones and zeros. */
  layer(): M {
    return seeded(() => {
      const layer = this.make();
      noGrad(() => {
        for (const parameter of layer.parameters()) parameter.add_(randnLike(parameter).mul(0.1));
      });
      return layer;
    });
  }

  /** Its outputs, with the same random numbers every time. */
  run(layer: M, inputs: readonly Tensor[]): Tensor[] {
    const outputs = flat(seeded(() => this.call(layer, ...inputs)));
    if (outputs.length === 0) throw new Error("it computes no tensor");
    return outputs;
  }

  /** Outputs, gradients of the inputs that have one, and gradients of the parameters. */
  all(layer: M, inputs: readonly Tensor[]): (Tensor | null)[] {
    const leaves = leavesAt(inputs, this.smooth);
    const outputs = this.run(layer, leaves);
    const targets = [...this.smooth.map((i) => leaves[i]!), ...trained(layer)];
    return [...outputs, ...gradientsOf(outputs, targets)];
  }

  /** Tests a property of drawn inputs, in training and in eval mode. */
  async check(
    property: (layer: M, inputs: Tensor[], g: GeneratorValue) => void | Promise<void>,
    numRuns = this.numRuns,
  ): Promise<void> {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (g) => {
        const inputs = drawInputs(g, this.inputs);
        for (const training of [true, false]) {
          await withInputs(inputs, () => property(this.layer().train(training), inputs, g));
        }
      }),
      { numRuns },
    );
  }
}

function trained(layer: TestedLayer): Tensor[] {
  return layer.parameters().filter((parameter) => parameter.requiresGrad);
}

export function stateOf(layer: TestedLayer): Tensor[] {
  return Object.values(layer.stateDict());
}
