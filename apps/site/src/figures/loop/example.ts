import { Linear, mseLoss, SGD, tensor } from "thalweg";

const [x, y] = [tensor([[1], [2], [3], [4]]), tensor([[3], [5], [7], [9]])];
const model = new Linear(1, 1);
const optimizer = new SGD(model.parameters(), { lr: 0.01 });

for (let epoch = 0; epoch < 20; epoch++) {
  const loss = mseLoss(model.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
}
