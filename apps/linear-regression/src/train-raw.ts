import { compile, noGrad, type Tensor, zeros } from "thalweg";
import type { Batches, Step } from "./step";

/** Fits y = x·w + b by hand: no model, no loss function, no optimizer, just tensors and their gradients. */
export function* trainRaw(
  batches: Batches,
  columns: number,
  epochs: number,
  lr: number,
  isCompiled = false,
): Generator<Step> {
  const w = zeros([columns, 1], { requiresGrad: true });
  const b = zeros([1, 1], { requiresGrad: true });

  const descend = (x: Tensor, y: Tensor) => {
    // 1. Forward: the model's predictions with the current w and b.
    const prediction = x.matmul(w).add(b);

    // 2. Loss: the mean of the squared errors.
    const loss = prediction.sub(y).square().mean();

    // 3. Backward: the gradients of the loss by w and b. Gradients add up, so the last ones are cleared first.
    w.grad = null;
    b.grad = null;
    loss.backward();

    // 4. Update: a step downhill, against the gradient. It must not be recorded.
    noGrad(() => {
      w.sub_(w.grad!.mul(lr));
      b.sub_(b.grad!.mul(lr));
    });
    return loss;
  };
  const step = isCompiled ? compile(descend) : descend;

  for (let epoch = 1; epoch <= epochs; epoch++) {
    for (const [x, y] of batches) yield { loss: step(x, y).item(), rows: x.shape[0]!, w, b };
  }
}
