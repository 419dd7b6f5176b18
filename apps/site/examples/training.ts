import {
  Accuracy,
  Adam,
  CosineAnnealingLR,
  clipGradNorm_,
  crossEntropy,
  DataLoader,
  Dropout,
  fit,
  Linear,
  loadCheckpoint,
  manualSeed,
  noGrad,
  ReLU,
  randn,
  randomSplit,
  Sequential,
  saveCheckpoint,
  stack,
  TensorDataset,
} from "thalweg";

// #region data
manualSeed(0);

/** Points on two spirals, and which of them each is on. */
function spirals(count: number) {
  const label = randn([count]).gt(0).to("float32");
  const radius = randn([count]).abs().mul(0.4).add(0.2);
  const angle = radius.mul(5).add(label.mul(Math.PI));
  const points = stack(
    [radius.mul(angle.cos()), radius.mul(angle.sin())],
    1,
  );
  return new TensorDataset(
    points.add(randn([count, 2]).mul(0.12)),
    label.to("int32"),
  );
}

const [train, valid, test] = randomSplit(
  spirals(1000),
  [0.7, 0.15, 0.15],
);
// #endregion data

// #region model
const model = new Sequential(
  new Linear(2, 32),
  new ReLU(),
  new Dropout(0.1),
  new Linear(32, 32),
  new ReLU(),
  new Linear(32, 2),
);
const epochs = 60;
const loader = new DataLoader(train, { batchSize: 50, shuffle: true });
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const scheduler = new CosineAnnealingLR(optimizer, {
  tMax: epochs * loader.length,
});
// #endregion model

// #region evaluate
function evaluate(part: typeof valid) {
  const [points, labels] = part.batch();
  model.eval();
  const result = noGrad(() => {
    const scores = model.forward(points);
    const right = scores.argmax(1).eq(labels).to("float32");
    return {
      loss: crossEntropy(scores, labels).item(),
      accuracy: right.mean().item(),
    };
  });
  model.train();
  return result;
}
// #endregion evaluate

// #region loop
let best = { epoch: 0, loss: Infinity, bytes: new Uint8Array() };
const patience = 10;

for (let epoch = 1; epoch <= epochs; epoch++) {
  let sum = 0;
  for (const [points, labels] of loader) {
    const loss = crossEntropy(model.forward(points), labels);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    scheduler.step();
    sum += loss.item();
  }
  const { loss, accuracy } = evaluate(valid);
  if (epoch % 10 === 0)
    console.log(
      `epoch ${epoch}: loss ${(sum / loader.length).toFixed(3)}, validation ${loss.toFixed(3)}, ${accuracy.toFixed(3)} right`,
    );
  if (loss < best.loss)
    best = { epoch, loss, bytes: await saveCheckpoint({ model }) };
  else if (epoch - best.epoch >= patience) break;
}
// #endregion loop

// #region result
await loadCheckpoint(best.bytes, { model });
const { accuracy } = evaluate(test);
console.log(
  `epoch ${best.epoch} is the best: ${(100 * accuracy).toFixed(1)} % of the test points are right`,
);
// #endregion result
accuracy > 0.9; // → true

// #region fit
const other = new Sequential(
  new Linear(2, 32),
  new ReLU(),
  new Linear(32, 32),
  new ReLU(),
  new Linear(32, 2),
);
const history = await fit({
  model: other,
  optimizer: new Adam(other.parameters(), { lr: 0.01 }),
  loss: crossEntropy,
  data: loader,
  validation: new DataLoader(valid, { batchSize: 50 }),
  metrics: { accuracy: new Accuracy() },
  clipGradNorm: 1,
  epochs,
  patience,
  restoreBest: true,
});
const last = history.epochs.at(-1)!;
// #endregion fit
last.validation!.accuracy > 0.9; // → true
