import { complaint, UsageError } from "@thalweg/terminal";
import { createOptimizer, init, Linear, mseLoss, type OptimizerRegistry, ThalwegError } from "thalweg";
import type { Batches, Step } from "./step";

/** Fits the same line with the library's modules, loss functions and optimizers. */
export function trainModule(
  batches: Batches,
  columns: number,
  epochs: number,
  lr: number,
  optimizerName = "sgd",
): Iterable<Step> {
  const model = new Linear(columns, 1);
  init.zeros_(model.weight);
  init.zeros_(model.bias!);
  const optimizer = named(optimizerName, model, lr);

  function* train(): Generator<Step> {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      for (const [x, y] of batches) {
        const evaluate = () => {
          // 1. Forward.
          const prediction = model.forward(x);

          // 2. Loss.
          const loss = mseLoss(prediction, y);

          // 3. Backward.
          optimizer.zeroGrad();
          loss.backward();
          return loss;
        };

        // 4. Update. L-BFGS evaluates more than once.
        const loss = optimizer.step(evaluate);

        yield { loss: loss.item(), rows: x.shape[0]!, w: model.weight, b: model.bias! };
      }
    }
  }
  return train();
}

function named(name: string, model: Linear, lr: number) {
  try {
    return createOptimizer(name as keyof OptimizerRegistry, model.parameters(), { lr });
  } catch (error) {
    if (error instanceof ThalwegError) throw new UsageError(complaint(error));
    throw error;
  }
}
