import {
  Linear,
  memoryStats,
  noGrad,
  randn,
  SGD,
  type Tensor,
  zeros,
} from "thalweg";

const model = new Linear(8, 4);
const optimizer = new SGD(model.parameters(), { lr: 0.1 });

{
  const [steps, batch] = [1000, 64];
  // #region loop
  for (let step = 0; step < steps; step++) {
    const loss = model
      .forward(randn([batch, 8]))
      .square()
      .mean();
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  }
  // #endregion loop
}

{
  // #region stats
  const big = zeros([1000, 1000]);
  const { heapBytes, heapTensors } = memoryStats();
  heapBytes >= 4e6 && heapTensors > 0; // → true
  big[Symbol.dispose]();
  memoryStats().heapBytes < heapBytes; // → true
  // #endregion stats
}

{
  // #region using
  const norm = (rows: number) => {
    using noise = randn([rows, 1000]);
    return noise.norm().item();
  };
  norm(100) > 0; // → true
  // #endregion using
}

{
  // #region hold
  const losses: number[] = [];
  const predictions: Tensor[] = [];
  for (let batch = 0; batch < 3; batch++) {
    const output = model.forward(randn([64, 8]));
    losses.push(output.square().mean().item()); // the number, not the tensor with its history
    predictions.push(output.detach()); // the elements, without what computed them
  }
  predictions.every(({ requiresGrad }) => !requiresGrad); // → true
  // #endregion hold
}

{
  // #region accumulate
  const parts = randn([64, 8]).chunk(4);
  optimizer.zeroGrad();
  for (const part of parts) {
    model.forward(part).square().mean().div(parts.length).backward();
  }
  optimizer.step();
  // #endregion accumulate
}

{
  // #region as-they-come
  const remove = model.parameters().map((parameter) =>
    parameter.registerPostAccumulateGradHook((parameter) => {
      noGrad(() => parameter.sub_(parameter.grad!.mul(0.1)));
      parameter.grad = null;
    }),
  );
  model
    .forward(randn([64, 8]))
    .square()
    .mean()
    .backward();
  model.weight.grad; // → null
  for (const each of remove) each();
  // #endregion as-they-come
}
