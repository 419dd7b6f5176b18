import {
  Conv2d,
  Dropout,
  Embedding,
  Flatten,
  init,
  Linear,
  LSTM,
  MaxPool2d,
  Module,
  ModuleList,
  MultiheadAttention,
  manualSeed,
  noGrad,
  ReLU,
  randn,
  removeWeightNorm,
  Sequential,
  type Tensor,
  tensor,
  weightNorm,
} from "thalweg";

manualSeed(0);

{
  // #region sequential
  const model = new Sequential(
    new Conv2d(1, 8, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(8 * 14 * 14, 10),
  );
  model.forward(randn([32, 1, 28, 28])).shape; // → [32,10]
  // #endregion sequential

  // #region inspect
  Object.keys(model.stateDict()); // → ["0.weight","0.bias","4.weight","4.bias"]
  model.parameters().reduce((sum, { size }) => sum + size, 0); // → 15770
  model[0].weight.shape; // → [8,1,3,3]
  // #endregion inspect
}

// #region module
class Residual extends Module {
  readonly blocks = new ModuleList([
    new Linear(16, 16),
    new Linear(16, 16),
  ]);
  readonly dropout = new Dropout(0.1);
  readonly head = new Linear(16, 3);

  override forward(x: Tensor): Tensor {
    for (const block of this.blocks)
      x = x.add(this.dropout.forward(block.forward(x).gelu()));
    return this.head.forward(x);
  }
}

const model = new Residual();
model.forward(randn([4, 16])).shape; // → [4,3]
[...model.namedParameters()].map(([name]) => name).slice(0, 2); // → ["blocks.0.weight","blocks.0.bias"]
// #endregion module

// #region modes
model.eval();
model.training; // → false
const prediction = noGrad(() => model.forward(randn([1, 16])).argmax(1));
prediction.dtype; // → "int32"
model.train();
// #endregion modes

// #region init
model.apply((layer) => {
  if (!(layer instanceof Linear)) return;
  init.kaimingNormal_(layer.weight, { nonlinearity: "relu" });
  if (layer.bias) init.zeros_(layer.bias);
});
// #endregion init

// #region normed
const normed = weightNorm(new Linear(16, 3));
Object.keys(normed.stateDict()); // → ["bias","weight_g","weight_v"]
normed.forward(randn([4, 16])).shape; // → [4,3]
removeWeightNorm(normed);
Object.keys(normed.stateDict()); // → ["bias","weight"]
// #endregion normed

// #region freeze
model.blocks.requiresGrad_(false);
model.parameters().filter((parameter) => parameter.requiresGrad).length; // → 2
// #endregion freeze

{
  // #region recurrent
  const words = new Embedding(1000, 32);
  const lstm = new LSTM(32, 64, { batchFirst: true });
  const sentence = tensor([[5, 17, 3, 999]]);
  const [output, [h]] = lstm.forward(words.forward(sentence));
  output.shape; // → [1,4,64]
  h.shape; // → [1,1,64]
  // #endregion recurrent

  // #region attention
  const attention = new MultiheadAttention(64, 4, { batchFirst: true });
  const [mixed, weights] = attention.forward(output, output, output, {
    isCausal: true,
  });
  mixed.shape; // → [1,4,64]
  weights!.shape; // → [1,4,4]
  // #endregion attention
}
