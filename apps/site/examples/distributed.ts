// #region program
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataParallel, init, shard } from "@thalweg/distributed";
import {
  Adam,
  crossEntropy,
  DataLoader,
  Linear,
  manualSeed,
  ReLU,
  randn,
  Sequential,
  saveCheckpoint,
  TensorDataset,
} from "thalweg";

const world = await init();

manualSeed(0);
const points = randn([960, 2]);
const isOutside = points.square().sum(1).gt(1.4).to("int32");
const data = new TensorDataset(points, isOutside);
const loader = new DataLoader(data, {
  sampler: shard(data, { world, shuffle: true }),
  batchSize: 48 / world.size,
});

const model = new Sequential(
  new Linear(2, 32),
  new ReLU(),
  new Linear(32, 2),
);
const parallel = new DataParallel(model, { world });
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const file = join(tmpdir(), "run.safetensors");

for (let epoch = 1; epoch <= 10; epoch++) {
  const sums = Float64Array.of(0, 0);
  for (const [x, y] of loader) {
    const loss = crossEntropy(parallel.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    sums[0]! += loss.item() * y.size;
    sums[1]! += y.size;
  }
  world.allReduce(sums);
  if (world.rank > 0) continue;
  console.log(`epoch ${epoch}: ${(sums[0]! / sums[1]!).toFixed(3)}`);
  await saveCheckpoint(file, { model, optimizer, loader, epoch });
}
// #endregion program
