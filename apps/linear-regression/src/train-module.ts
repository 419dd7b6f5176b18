import { complaint, UsageError } from "@thalweg/terminal";
import {
  compile,
  createOptimizer,
  init,
  Linear,
  mseLoss,
  type OptimizerRegistry,
  type Tensor,
  ThalwegError,
} from "thalweg";
import type { Batches, Step } from "./step";

/** Fits the same line with the library's modules, loss functions and optimizers. */
export function trainModule(
  batches: Batches,
  columns: number,
  epochs: number,
  lr: number,
  optimizerName = "sgd",
  isCompiled = false,
): Iterable<Step> {
  const model = new Linear(columns, 1);
  init.zeros_(model.weight);
  init.zeros_(model.bias!);
  const optimizer = named(optimizerName, model, lr);

  const evaluate = (x: Tensor, y: Tensor) => {
    // 1. Forward.
    const prediction = model.forward(x);

    // 2. Loss.
    const loss = mseLoss(prediction, y);

    // 3. Backward.
    optimizer.zeroGrad();
    loss.backward();
    return loss;
  };

  // L-BFGS evaluates as often as it has to, so that its step is no program, but its evaluation is one.
  const isWhole = optimizerName !== "lbfgs";
  const evaluation = isCompiled && !isWhole ? compile(evaluate) : evaluate;

  // 4. Update.
  const update = (x: Tensor, y: Tensor) => optimizer.step(() => evaluation(x, y));
  const step = isCompiled && isWhole ? compile(update) : update;

  function* train(): Generator<Step> {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      for (const [x, y] of batches) {
        yield { loss: step(x, y).item(), rows: x.shape[0]!, w: model.weight, b: model.bias! };
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
