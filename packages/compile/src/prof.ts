import { compile } from "@thalweg/compile";
import { mseLoss } from "@thalweg/losses";
import { Linear } from "@thalweg/nn";
import { SGD } from "@thalweg/optim";
import { tensor, type Tensor } from "@thalweg/tensor";
const x = tensor([[1], [2], [3], [4]]), y = tensor([[3], [5], [7], [9]]);
const model = new Linear(1, 1), opt = new SGD(model.parameters(), { lr: 0.01 });
const f = compile((x: Tensor, y: Tensor) => { opt.zeroGrad(); const l = mseLoss(model.forward(x), y); l.backward(); opt.step(); return l; });
for (let i = 0; i < 3e6; i++) f(x, y).item();
