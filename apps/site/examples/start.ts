import { Linear, manualSeed, mseLoss, SGD, tensor } from "thalweg";

manualSeed(0);
const [x, y] = [
  tensor([[1], [2], [3], [4]]),
  tensor([[3], [5], [7], [9]]),
];
const model = new Linear(1, 1);
const optimizer = new SGD(model.parameters(), { lr: 0.05 });

for (let epoch = 0; epoch < 500; epoch++) {
  const loss = mseLoss(model.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
}

const [slope, intercept] = model
  .parameters()
  .map((parameter) => parameter.item().toFixed(3));
console.log(`y = ${slope} x + ${intercept}`);
