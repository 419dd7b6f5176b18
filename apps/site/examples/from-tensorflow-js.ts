import {
  grad,
  init,
  Linear,
  mseLoss,
  noGrad,
  pointwise,
  ReLU,
  Sequential,
  SGD,
  type Tensor,
  tensor,
} from "thalweg";

const show = (x: Tensor) =>
  console.log(
    Array.from(x.flatten().dataSync(), (value) => value.toFixed(4)).join(
      " ",
    ),
  );

// #region tensors
const x = tensor([
  [1, 2],
  [3, 4],
]);
const y = x.square().sum(1).sqrt();
const values = y.dataSync();
const first = await y.data();
// #endregion tensors
show(tensor(values));
show(tensor(first));

// #region variable
const w = tensor([1, -2], { requiresGrad: true });
noGrad(() => w.copy_(w.mul(2)));
// #endregion variable
show(w);

// #region gradients
const f = (w: Tensor) => x.matmul(w).square().mean();
const value = f(w);
value.backward();
w.grad;
const slope = grad(f(w), w);
// #endregion gradients
show(value);
show(w.grad!);
show(slope);

// #region optimizer
const optimizer = new SGD([w], { lr: 0.01 });
for (let step = 0; step < 10; step++) {
  optimizer.zeroGrad();
  f(w).backward();
  optimizer.step();
}
// #endregion optimizer
show(w);

// #region layers
const model = new Sequential(
  new Linear(1, 4),
  new ReLU(),
  new Linear(4, 1),
);
for (const [name, parameter] of model.namedParameters()) {
  init.constant_(parameter, name.endsWith("weight") ? 1 : 0);
}
String(model);
// #endregion layers

// #region fit
const [inputs, targets] = [
  tensor([[1], [2], [3]]),
  tensor([[3], [5], [7]]),
];
const descent = new SGD(model.parameters(), { lr: 0.01 });
const losses: number[] = [];
for (let epoch = 0; epoch < 5; epoch++) {
  const loss = mseLoss(model.forward(inputs), targets);
  descent.zeroGrad();
  loss.backward();
  descent.step();
  losses.push(loss.item());
}
// #endregion fit
show(tensor(losses));

// #region predict
const predicted = noGrad(() => model.forward(inputs));
// #endregion predict
show(predicted);

// #region kernel
const swish = pointwise("swish", (x) => x.mul(x.sigmoid()));
// #endregion kernel
show(swish(x));
