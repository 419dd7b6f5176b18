import {
  type Communicator,
  DataParallel,
  type Elements,
  init,
  type ReduceOp,
  reshard,
  SyncBatchNorm1d,
  shard,
} from "@thalweg/distributed";
import { communicatorLaws } from "@thalweg/testing";
import {
  Adam,
  BatchNorm1d,
  compile,
  crossEntropy,
  DataLoader,
  type DataLoaderState,
  defaultGenerator,
  Linear,
  loadCheckpoint,
  noGrad,
  randn,
  Sequential,
  saveCheckpoint,
  type Tensor,
  TensorDataset,
} from "thalweg";

const points = randn([96, 4]);
const labels = points.argmax(1);
const data = new TensorDataset(points, labels);

{
  // #region ordered
  const world = await init({ reduction: "ordered" });
  // #endregion ordered
  world.size; // → 1
}

const world = await init();
const model = new Linear(4, 4);
const parallel = new DataParallel(model, { world });
const optimizer = new Adam(model.parameters(), { lr: 0.01 });

{
  // #region batch-norm
  const net = new Sequential(new Linear(4, 8), new BatchNorm1d(8));
  const together = new DataParallel(net, { world, syncBatchNorm: true });
  // #endregion batch-norm
  together.forward(points).shape; // → [96,8]

  // #region sync-batch-norm
  const layer = new SyncBatchNorm1d(8, { world });
  // #endregion sync-batch-norm
  layer.forward(randn([6, 8])).shape; // → [6,8]
}

{
  // #region remainder
  const remainder = "exact";
  const batchSize = 16;
  const sampler = shard(data, { world, remainder, batchSize });
  const loader = new DataLoader(data, { sampler, batchSize });
  // #endregion remainder

  // #region evaluate
  const counts = Int32Array.of(0, 0);
  model.eval();
  noGrad(() => {
    for (const [x, y] of loader) {
      counts[0]! += model.forward(x).argmax(1).eq(y).sum().item();
      counts[1]! += y.size;
    }
  });
  model.train();
  world.allReduce(counts);
  const accuracy = counts[0]! / counts[1]!;
  // #endregion evaluate
  [counts[1], accuracy > 0]; // → [96,true]
}

{
  const [x1, x2] = points.chunk(2) as [Tensor, Tensor];
  const [y1, y2] = labels.chunk(2) as [Tensor, Tensor];
  // #region accumulate
  const add = (x: Tensor, y: Tensor) => {
    const loss = crossEntropy(parallel.forward(x), y);
    loss.div(2).backward();
  };

  parallel.noSync(() => add(x1, y1)); // sends nothing
  add(x2, y2); // sends the sum
  optimizer.step();
  optimizer.zeroGrad();
  // #endregion accumulate
}

{
  // #region compile
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = crossEntropy(parallel.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  // #endregion compile
  const losses = Array.from({ length: 5 }, () =>
    step(points, labels).item(),
  );
  losses[4]! < losses[0]!; // → true
}

{
  const loaderOf = (batchSize: number) =>
    new DataLoader(data, {
      sampler: shard(data, { world, shuffle: true }),
      batchSize,
    });
  const before = loaderOf(24);
  for (const _ of before) break;
  const bytes = await saveCheckpoint({
    model,
    optimizer,
    generator: defaultGenerator,
    loader: before,
  });
  const loader = loaderOf(12);
  // #region resume
  const resharded = {
    stateDict: () => loader.stateDict(),
    loadStateDict: (state: DataLoaderState) =>
      loader.loadStateDict(reshard(state, loader)),
  };
  const generator = defaultGenerator;
  const parts = { model, optimizer, generator, loader: resharded };
  await loadCheckpoint(bytes, parts);
  parallel.divergeRandom();
  // #endregion resume
  [...loader].length; // → 6
}

{
  // #region own
  /** Counts the bytes that a world is asked to send. */
  class Counted implements Communicator {
    bytes = 0;
    readonly rank: number;
    readonly size: number;
    readonly transport: string;

    constructor(private readonly world: Communicator) {
      ({ rank: this.rank, size: this.size } = world);
      this.transport = `${world.transport}, counted`;
    }
    startAllReduce(buffer: Elements, op?: ReduceOp) {
      this.bytes += buffer.byteLength;
      return this.world.startAllReduce(buffer, op);
    }
    allReduce(buffer: Elements, op?: ReduceOp) {
      this.bytes += buffer.byteLength;
      this.world.allReduce(buffer, op);
    }
    broadcast(buffer: Elements, root?: number) {
      this.bytes += buffer.byteLength;
      this.world.broadcast(buffer, root);
    }
    allGather(own: Elements, all: Elements) {
      this.bytes += own.byteLength;
      this.world.allGather(own, all);
    }
    reduceScatter(all: Elements, own: Elements, op?: ReduceOp) {
      this.bytes += all.byteLength;
      this.world.reduceScatter(all, own, op);
    }
    barrier() {
      this.world.barrier();
    }
    abort(message: string): never {
      return this.world.abort(message);
    }
    close() {
      this.world.close();
    }
  }
  // #endregion own

  // #region laws
  const counted = new Counted(world);
  for (const law of communicatorLaws()) law.run(counted);
  // #endregion laws
  counted.bytes > 1000; // → true
}
