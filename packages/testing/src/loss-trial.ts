import { type Shape, Tensor } from "@thalweg/tensor";
import { describe } from "@thalweg/tensor/internal";
import fc, { type GeneratorValue } from "fast-check";
import {
  drawInputs,
  gradientsOf,
  type LawInput,
  leavesAt,
  resized,
  smoothOf,
  withInputs,
} from "./law-inputs";

/** A loss of tensors, whose last argument is an object of options with `reduction` among them. */
export type TestedLoss = (...args: never[]) => Tensor;

/** Shape and numbers of one input of a loss. */
export interface LossInput extends LawInput {
  /**
   * Numbers at which loss and gradient have to be finite; ±1e4 unless given, or the bounds of the domain if there is
   * one.
   */
  readonly extremes?: readonly number[];
}

/** Options of {@link lossLaws}. */
export interface LossLawOptions {
  /** The name of the loss, that its errors begin with; that of the function unless given. */
  readonly name?: string;
  /** Options to call it with besides the reduction; none unless given. */
  readonly options?: object;
  /** The shape of the losses that are not reduced; that of the first input unless given. */
  readonly shape?: Shape;
  /** The divisor of their sum in the mean; their number unless given. */
  readonly divisor?: (...inputs: never[]) => number;
  /** Shapes of inputs that it has to refuse, besides batches of different sizes; none unless given. */
  readonly refuses?: readonly (readonly Shape[])[];
  /** Sample runs of each property; 5 unless given. */
  readonly numRuns?: number;
}

export const reductions = ["mean", "sum", "none"] as const;

export type Reduction = (typeof reductions)[number];

/** A loss under test. */
export class LossTrial {
  readonly smooth: readonly number[];

  constructor(
    readonly loss: (...args: unknown[]) => Tensor,
    readonly name: string,
    readonly inputs: readonly LossInput[],
    readonly options: LossLawOptions,
  ) {
    this.smooth = smoothOf(inputs);
  }

  run(inputs: readonly Tensor[], reduction?: string): Tensor {
    const options = reduction === undefined ? this.options.options : { ...this.options.options, reduction };
    const y: unknown = this.loss(...inputs, ...(options === undefined ? [] : [options]));
    if (y instanceof Tensor) return y;
    throw new Error(`it returns ${describe(y)}, not a tensor`);
  }

  /** The loss, and its gradients. */
  all(inputs: readonly Tensor[], reduction: Reduction): (Tensor | null)[] {
    const leaves = leavesAt(inputs, this.smooth);
    const y = this.run(leaves, reduction);
    return [
      y,
      ...gradientsOf(
        [y],
        this.smooth.map((i) => leaves[i]!),
      ),
    ];
  }

  async check(
    property: (inputs: Tensor[], g: GeneratorValue) => void,
    inputs: readonly LawInput[] = this.inputs,
    numRuns = this.options.numRuns ?? 5,
  ): Promise<void> {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (g) => {
        const drawn = drawInputs(g, inputs);
        await withInputs(drawn, () => property(drawn, g));
      }),
      { numRuns },
    );
  }

  /** The shape of the losses, for the inputs' number of samples. */
  shape(change: (samples: number) => number = (samples) => samples): Shape {
    const { shape } = this.options;
    if (shape === undefined) return resized(this.inputs, change)[0]?.shape ?? [];
    return resized([{ shape }], change)[0]!.shape;
  }
}
