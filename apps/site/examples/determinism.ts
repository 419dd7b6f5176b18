import { createHash } from "node:crypto";
import {
  Dropout,
  Generator,
  Linear,
  manualSeed,
  ReLU,
  randn,
  Sequential,
  SGD,
  setThreads,
} from "thalweg";

// #region seed
function train(seed: number): Sequential {
  manualSeed(seed);
  const model = new Sequential(
    new Linear(8, 32),
    new ReLU(),
    new Dropout(0.5),
    new Linear(32, 1),
  );
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  for (let step = 0; step < 20; step++) {
    optimizer.zeroGrad();
    model
      .forward(randn([64, 8]))
      .square()
      .mean()
      .backward();
    optimizer.step();
  }
  return model;
}
// #endregion seed

// #region digest
const digest = (model: Sequential) => {
  const hash = createHash("sha256");
  for (const parameter of model.parameters())
    hash.update(parameter.dataSync());
  return hash.digest("hex").slice(0, 8);
};
const [first, again, other] = [train(1), train(1), train(2)].map(digest);
first === again; // → true
first === other; // → false
// #endregion digest
first; // → "118b30a2"

// #region threads
setThreads(1);
digest(train(1)) === first; // → true
// #endregion threads

// #region generators
const [forData, forNoise] = [new Generator(1), new Generator(2)];
randn([3], { generator: forNoise });
const position = forData.getState();
position; // → {"seed":1,"position":0}
const drawn = randn([3], { generator: forData }).toArray();
forData.setState(position);
String(randn([3], { generator: forData }).toArray()) === String(drawn); // → true
// #endregion generators
