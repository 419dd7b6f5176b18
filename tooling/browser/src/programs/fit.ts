import { Linear, manualSeed, mseLoss, SGD, tensor } from "thalweg";

/** Losses of a regression whose tensors have four elements. */
export function fit(steps: number): number[] {
  manualSeed(1);
  const [x, y] = [tensor([[1], [2], [3], [4]]), tensor([[3], [5], [7], [9]])];
  const model = new Linear(1, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  return Array.from({ length: steps }, () => {
    const loss = mseLoss(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss.item();
  });
}
