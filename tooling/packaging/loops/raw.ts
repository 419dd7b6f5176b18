import { noGrad } from "@thalweg/autograd";
import { tensor } from "@thalweg/tensor";

const x = tensor([[1], [2], [3], [4]]);
const y = tensor([[3], [5], [7], [9]]);
const w = tensor([[0]], { requiresGrad: true });
const b = tensor([0], { requiresGrad: true });
console.log(w.item());
console.log(b.item());

for (let epoch = 0; epoch < 20; epoch++) {
  const loss = x.matmul(w).add(b).sub(y).square().mean();
  loss.backward();
  noGrad(() => {
    for (const parameter of [w, b]) {
      parameter.sub_(parameter.grad!.mul(0.01));
      parameter.grad!.zero_();
    }
  });
  console.log(loss.item());
}
