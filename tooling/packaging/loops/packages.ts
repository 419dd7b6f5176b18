import { mseLoss } from "@thalweg/losses";
import { Linear } from "@thalweg/nn";
import { SGD } from "@thalweg/optim";
import { tensor } from "@thalweg/tensor";

const x = tensor([[1], [2], [3], [4]]);
const y = tensor([[3], [5], [7], [9]]);
const model = new Linear(1, 1);
const optimizer = new SGD(model.parameters(), { lr: 0.01 });
for (const parameter of model.parameters()) console.log(parameter.item());

for (let epoch = 0; epoch < 20; epoch++) {
  optimizer.zeroGrad();
  const loss = mseLoss(model.forward(x), y);
  loss.backward();
  optimizer.step();
  console.log(loss.item());
}
