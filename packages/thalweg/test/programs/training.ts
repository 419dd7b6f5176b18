import {
  Adam,
  crossEntropy,
  Linear,
  manualSeed,
  memoryStats,
  ReLU,
  randint,
  randn,
  Sequential,
} from "thalweg";

manualSeed(3);
const model = new Sequential(
  new Linear(32, 96),
  new ReLU(),
  new Linear(96, 96),
  new ReLU(),
  new Linear(96, 8),
);
const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
const [x, labels] = [randn([64, 32]), randint([64], 8)];

function train(steps: number) {
  for (let step = 0; step < steps; step++) {
    optimizer.zeroGrad();
    crossEntropy(model.forward(x), labels).backward();
    optimizer.step();
  }
  return { ...memoryStats(), resident: process.memoryUsage.rss() };
}

console.log(JSON.stringify([train(200), train(19_800)]));
