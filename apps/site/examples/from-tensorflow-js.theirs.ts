import * as tf from "@tensorflow/tfjs";

await tf.setBackend("cpu");
const show = (x: tf.Tensor) =>
  console.log(
    Array.from(x.dataSync(), (value) => value.toFixed(4)).join(" "),
  );

// #region tensors
const x = tf.tensor2d([
  [1, 2],
  [3, 4],
]);
const y = tf.tidy(() => x.square().sum(1).sqrt());
const values = y.dataSync();
const first = await y.data();
y.dispose();
// #endregion tensors
show(tf.tensor1d(values));
show(tf.tensor1d(first));

// #region variable
const w = tf.variable(tf.tensor1d([1, -2]));
w.assign(w.mul(2));
// #endregion variable
show(w);

// #region gradients
const f = (w: tf.Tensor) => x.dot(w).square().mean() as tf.Scalar;
const { value, grads } = tf.variableGrads(() => f(w));
const slope = tf.grad(f)(w);
// #endregion gradients
show(value);
show(grads[w.name]!);
show(slope);

// #region optimizer
const optimizer = tf.train.sgd(0.01);
for (let step = 0; step < 10; step++) {
  const cost = optimizer.minimize(() => f(w), true)!;
  cost.dispose();
}
// #endregion optimizer
show(w);

// #region layers
const model = tf.sequential({
  layers: [
    tf.layers.dense({
      inputShape: [1],
      units: 4,
      activation: "relu",
      kernelInitializer: "ones",
    }),
    tf.layers.dense({ units: 1, kernelInitializer: "ones" }),
  ],
});
model.summary();
// #endregion layers

// #region fit
const [inputs, targets] = [
  tf.tensor2d([[1], [2], [3]]),
  tf.tensor2d([[3], [5], [7]]),
];
model.compile({
  optimizer: tf.train.sgd(0.01),
  loss: "meanSquaredError",
});
const history = await model.fit(inputs, targets, {
  epochs: 5,
  batchSize: 3,
});
history.history.loss;
// #endregion fit
show(tf.tensor1d(history.history.loss as number[]));

// #region predict
const predicted = model.predict(inputs) as tf.Tensor;
// #endregion predict
show(predicted);

// #region kernel
const swish = (x: tf.Tensor) => x.mul(x.sigmoid());
// #endregion kernel
show(swish(x));
