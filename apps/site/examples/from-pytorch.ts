import {
  Adam,
  clipGradNorm_,
  crossEntropy,
  DataLoader,
  defineFunction,
  grad,
  init,
  Linear,
  Module,
  noGrad,
  SGD,
  StepLR,
  type Tensor,
  TensorDataset,
  tensor,
  where,
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
x.shape; // → [2,2]
x.slice(null, 1);
x.slice([0, 1], [0, null, 2]);
x.reshape([4]);
x.sum(0, { keepDim: true });
x.matmul(x.transpose(0, 1));
where(x.gt(2), x, 0);
// #endregion tensors
show(x.slice(null, 1));
show(x.sum(0, { keepDim: true }));
show(x.matmul(x.transpose(0, 1)));
show(where(x.gt(2), x, 0));

// #region types
tensor([1, 2]).dtype; // → "float32"
x.argmax(1).dtype; // → "int32"
x.argmax(1).eq(1).to("float32").mean();
x.max(1);
// #endregion types
show(x.argmax(1).eq(1).to("float32").mean());
show(x.max(1));

// #region autograd
const w = tensor([1, -2], { requiresGrad: true });
const error = x.matmul(w).square().mean();
error.backward();
w.grad;
noGrad(() => w.sub_(w.grad!.mul(0.1)));
w.grad = null;
const frozen = w.detach();
// #endregion autograd
show(frozen);

// #region second-order
const y = w.pow(3).sum();
const slope = grad(y, w, { createGraph: true });
const curvature = grad(slope.sum(), w);
// #endregion second-order
show(curvature);

// #region module
class Net extends Module {
  hidden = new Linear(2, 3);
  out = new Linear(3, 2);

  override forward(x: Tensor): Tensor {
    return this.out.forward(this.hidden.forward(x).relu());
  }
}

const model = new Net();
model.forward(x);
// #endregion module

// #region init
for (const parameter of model.parameters())
  init.constant_(parameter, 0.1);
// #endregion init
show(model.forward(x));

let last = 0;
// #region loop
const labels = tensor([0, 1]);
const optimizer = new Adam(model.parameters(), { lr: 0.1 });
const scheduler = new StepLR(optimizer, { stepSize: 5, gamma: 0.5 });
for (let epoch = 0; epoch < 10; epoch++) {
  const loss = crossEntropy(model.forward(x), labels);
  optimizer.zeroGrad();
  loss.backward();
  clipGradNorm_(model.parameters(), 1);
  optimizer.step();
  scheduler.step();
  last = loss.item();
}
// #endregion loop
show(tensor(last));

// #region eval
model.eval();
const probabilities = noGrad(() => model.forward(x).softmax(1));
model.train();
// #endregion eval
show(probabilities);

// #region data
const dataset = new TensorDataset(x, labels);
const loader = new DataLoader(dataset, { batchSize: 2, shuffle: true });
for (const [inputs, targets] of loader) {
  [inputs.shape, targets.shape]; // → [[2,2],[2]]
}
// #endregion data

// #region optimizer-groups
const sgd = new SGD(
  [
    { params: model.hidden.parameters(), lr: 0.01 },
    { params: model.out.parameters() },
  ],
  {
    lr: 0.1,
  },
);
sgd.paramGroups[0]!.lr; // → 0.01
// #endregion optimizer-groups
show(tensor(sgd.paramGroups.map((group) => group.lr)));

// #region function
const roundThrough = defineFunction({
  name: "roundThrough",
  forward: (x: Tensor) => x.round(),
  backward: (grad) => grad,
});

roundThrough(w).sum().backward();
// #endregion function
show(w.grad!);
