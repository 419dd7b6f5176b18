import { compile, Linear, mseLoss, SGD, type Tensor, tensor } from "thalweg";

const x = tensor([[1], [2], [3], [4]]);
const y = tensor([[3], [5], [7], [9]]);
const model = new Linear(1, 1);
const optimizer = new SGD(model.parameters(), { lr: 0.01 });
for (const parameter of model.parameters()) console.log(parameter.item());

const step = compile((x: Tensor, y: Tensor) => {
  const loss = mseLoss(model.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss;
});
for (let epoch = 0; epoch < 20; epoch++) console.log(step(x, y).item());
