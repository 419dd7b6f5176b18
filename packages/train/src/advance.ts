import { clipGradNorm_, clipGradValue_, type Optimizer } from "@thalweg/optim";
import type { Tensor } from "@thalweg/tensor";
import type { Outcome } from "./outcome";

/** What a step returns of a batch. */
export type StepResult = {
  readonly loss: Tensor;
  readonly output: Tensor | null;
  readonly target: Tensor | null;
};

/** A step of the optimizer with several batches, each with its share of the loss. */
export type OptimizerStep = (batches: readonly never[], shares: readonly number[]) => readonly StepResult[];

/** The part of an optimizer that training needs: all optimizers of the library are of this type. */
export type TrainableOptimizer = Pick<Optimizer, "zeroGrad" | "step" | "stateDict" | "prepareLoad"> & {
  readonly paramGroups: readonly { readonly params: readonly Tensor[]; readonly lr?: number }[];
};

/** Options of a step of the optimizer. */
export interface AdvanceOptions {
  /** Parameters move by its `step`, which gets a closure, so L-BFGS works, too. */
  readonly optimizer: TrainableOptimizer;
  /** Scales gradients together so that their norm is at most this; Infinity unless given. */
  readonly clipGradNorm?: number;
  /** Limits each element of the gradients to this size; Infinity unless given. */
  readonly clipGradValue?: number;
  /** Runs all batches of a step but the last: `(body) => parallel.noSync(body)`; they run as they are unless given. */
  readonly noSync?: <T>(body: () => T) => T;
}

/** The function that makes a step: gradients of all batches, clipping, and the update. */
export function advanceWith<Batch>(
  forward: (batch: Batch) => Outcome,
  options: AdvanceOptions,
): OptimizerStep {
  const { optimizer, clipGradNorm = Infinity, clipGradValue = Infinity, noSync = (body) => body() } = options;
  const backward = (batch: Batch, share: number): StepResult => {
    const { loss, output, target } = forward(batch);
    (share === 1 ? loss : loss.mul(share)).backward();
    return { loss: loss.detach(), output: output?.detach() ?? null, target: target ?? null };
  };
  return (batches, shares) => {
    const last = batches.length - 1;
    let results: readonly StepResult[] | undefined;
    optimizer.step(() => {
      optimizer.zeroGrad();
      const all = batches.map((batch, i) => {
        const body = () => backward(batch, shares[i]!);
        return i === last ? body() : noSync(body);
      });
      const params = optimizer.paramGroups.flatMap((group) => group.params);
      if (clipGradNorm !== Infinity) clipGradNorm_(params, clipGradNorm);
      if (clipGradValue !== Infinity) clipGradValue_(params, clipGradValue);
      // Later evaluations of a line search are not where the step began.
      results ??= all;
      return all.map(({ loss }, i) => loss.mul(shares[i]!)).reduce((a, b) => a.add(b));
    });
    return results!;
  };
}
