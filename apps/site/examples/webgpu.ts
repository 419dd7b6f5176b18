import {
  Adam,
  Linear,
  manualSeed,
  mseLoss,
  ReLU,
  randn,
  Sequential,
  setDefaultDevice,
  tensor,
} from "thalweg";
import { initWebGPU, ScalarReader } from "thalweg/webgpu";

// #region init
const session = await initWebGPU();
session.largestTensor > 0; // → true
// #endregion init

// #region move
const x = tensor([1, 2, 3]).to("webgpu");
const y = x.square().add(1);
y.device; // → "webgpu"
await y.toArrayAsync(); // → [2,5,10]
(await y.sum().itemAsync()) === 17; // → true
const back = await y.toAsync("cpu");
back.device; // → "cpu"
// #endregion move

manualSeed(0);
// #region train
const [inputs, targets] = [
  randn([256, 16]).to("webgpu"),
  randn([256, 1]).to("webgpu"),
];
const model = new Sequential(
  new Linear(16, 64),
  new ReLU(),
  new Linear(64, 1),
).to("webgpu");
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const reader = new ScalarReader({ every: 10 });
const losses: number[] = [];

for (let step = 0; step < 100; step++) {
  const loss = mseLoss(model.forward(inputs), targets);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  reader.push(loss).then((value) => losses.push(value));
}
await reader.flush();
losses.length; // → 100
losses.at(-1)! < losses[0]!; // → true
// #endregion train

// #region default
setDefaultDevice("webgpu");
randn([4]).device; // → "webgpu"
setDefaultDevice("cpu");
// #endregion default

// #region cleanup
{
  using large = randn([1000, 1000], { device: "webgpu" });
  await large.norm().itemAsync();
}
// #endregion cleanup
