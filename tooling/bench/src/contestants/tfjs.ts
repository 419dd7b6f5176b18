import * as tf from "@tensorflow/tfjs";
import {
  type AdamProblem,
  type FunctionName,
  type FunctionProblem,
  type Input,
  joined,
  type LineProblem,
  type LstmParameters,
  type LstmProblem,
  type MlpProblem,
  type OperationName,
  type OperationProblem,
  type Reading,
  type Runner,
  type Start,
  type TransformerProblem,
  training,
} from "../contestant";

/** Reads a number on the device, and disposes of the tensor. */
let readScalar = (value: tf.Tensor): Reading => {
  const number = value.dataSync()[0]!;
  value.dispose();
  return number;
};

/** Waits until the device has computed a tensor; null if it has when the call returns. */
let settle: ((value: tf.Tensor) => Promise<void>) | null = null;

const upload = ({ shape, values }: Input): tf.Tensor => tf.tensor(values, [...shape]);

const chain = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => tf.relu(tf.add(tf.mul(a, b), a)));

const operations: Partial<Record<OperationName, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: (a, b) => tf.add(a, b),
  addRow: (a, row) => tf.add(a, row),
  exp: (a) => tf.exp(a),
  sum: (a) => tf.sum(a),
  sumRows: (a) => tf.sum(a, 0),
  sumColumns: (a) => tf.sum(a, 1),
  softmax: (a) => tf.softmax(a, -1),
  chain,
  fused: chain,
  transpose: (a) => tf.transpose(a),
  matmul: (a, b) => tf.matMul(a, b),
  matmulNT: (a, b) => tf.matMul(a, b, false, true),
  matmulTN: (a, b) => tf.matMul(a, b, true, false),
};

function operation({ operation: name }: OperationProblem, inputs: readonly Input[]): Runner | null {
  const compute = operations[name];
  if (!compute) return null;
  const [a, b = a] = inputs.map(upload) as [tf.Tensor, tf.Tensor?];
  let last: tf.Tensor | null = null;
  return {
    run: async (count) => {
      for (let i = 0; i < count; i++) {
        last?.dispose();
        last = compute(a, b);
      }
      await settle?.(last!);
    },
    result: () => read(compute(a, b)),
    dispose: () => {
      tf.dispose([a, b]);
      last?.dispose();
    },
  };
}

async function read(value: tf.Tensor): Promise<Float32Array> {
  const values = Float32Array.from(await value.data());
  value.dispose();
  return values;
}

function line({ by, lr }: LineProblem, inputs: readonly Input[]): Runner {
  const [x, y] = inputs.map(upload) as [tf.Tensor2D, tf.Tensor2D];
  return training(() => {
    const w = tf.variable(tf.zeros<tf.Rank.R2>([1, 1]));
    const b = tf.variable(tf.zeros([1]));
    const predict = () => tf.add(tf.matMul(x, w), b);
    if (by === "modules") {
      const optimizer = tf.train.sgd(lr);
      const loss = (): tf.Scalar => tf.losses.meanSquaredError(y, predict());
      return () => readScalar(optimizer.minimize(loss, true)!);
    }
    const loss = (): tf.Scalar => tf.mean(tf.square(tf.sub(predict(), y)));
    return () =>
      readScalar(
        tf.tidy(() => {
          const { value, grads } = tf.variableGrads(loss);
          for (const parameter of [w, b]) {
            parameter.assign(tf.sub(parameter, tf.mul(grads[parameter.name]!, lr)));
          }
          return value;
        }),
      );
  }, tf.disposeVariables);
}

function mlp({ optimizer: kind, lr }: MlpProblem, inputs: readonly Input[]): Runner {
  const [x, labels, ...rest] = inputs.map(upload) as [tf.Tensor2D, tf.Tensor1D, ...tf.Tensor[]];
  // Weights are [in, out] here, as is usual for this library.
  const initial = rest.map((parameter) => (parameter.rank === 2 ? tf.transpose(parameter) : parameter));
  const start = () => (kind === "sgd" ? tf.train.sgd(lr) : tf.train.adam(lr, 0.9, 0.999, 1e-8));
  return classification(start, labels, initial, (parameters) => {
    let y: tf.Tensor = x;
    for (let i = 0; i < parameters.length; i += 2) {
      y = tf.add(tf.matMul(i === 0 ? y : tf.relu(y), parameters[i]!), parameters[i + 1]!);
    }
    return y;
  });
}

/** Steps that lower the cross-entropy of scores. */
function classification(
  start: () => tf.Optimizer,
  labels: tf.Tensor,
  initial: readonly tf.Tensor[],
  scores: (parameters: readonly tf.Tensor[]) => tf.Tensor,
): Runner {
  const target = tf.oneHot(tf.cast(labels, "int32"), initial.at(-1)!.size);
  return training(() => {
    const parameters = initial.map((parameter) => tf.variable(parameter));
    const optimizer = start();
    const loss = (): tf.Scalar => tf.losses.softmaxCrossEntropy(target, scores(parameters));
    return () => readScalar(optimizer.minimize(loss, true)!);
  }, tf.disposeVariables);
}

/** Channels come last here, as is usual for this library; kernels are [height, width, in, out]. */
const toChannelsLast = (x: tf.Tensor) => tf.transpose(x, [0, 2, 3, 1]);
const toChannelsFirst = (x: tf.Tensor) => tf.transpose(x, [0, 3, 1, 2]);
const toKernel = (w: tf.Tensor) => tf.transpose(w, [2, 3, 1, 0]);

const functions: Record<FunctionName, (...args: tf.Tensor[]) => tf.Tensor> = {
  conv2d: (x, weight) => tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, 1, "same"),
  layerNorm(x, weight, bias) {
    const { mean, variance } = tf.moments(x!, -1, true);
    const y = tf.mul(tf.sub(x!, mean), tf.rsqrt(tf.add(variance, 1e-5)));
    return tf.add(tf.mul(y, weight!), bias!);
  },
  attention(q, k, v) {
    const scores = tf.matMul(tf.mul(q!, 1 / Math.sqrt(q!.shape.at(-1)!)), k!, false, true);
    return tf.matMul(tf.softmax(scores), v!);
  },
};

function compute({ function: name, backward }: FunctionProblem, inputs: readonly Input[]): Runner | null {
  // There is no kernel for the gradient of kernels: "Conv2DBackpropFilter" is not registered.
  if (name === "conv2d" && backward) return null;
  const given = inputs.map(upload);
  const isImages = name === "conv2d";
  const args = isImages ? [toChannelsLast(given[0]!), toKernel(given[1]!)] : given;
  const seed = backward ? args.pop() : undefined;
  const forward = functions[name];
  const differentiate = tf.grads(forward);
  const call = () => tf.tidy(() => (seed ? differentiate(args, seed) : [forward(...args)]));
  return {
    run: (count) => {
      for (let i = 0; i < count; i++) tf.dispose(call());
    },
    result: async () => joined(await Promise.all(call().map((x) => read(isImages ? toChannelsFirst(x) : x)))),
    dispose: () => tf.dispose([...given, ...args, ...(seed ? [seed] : [])]),
  };
}

type Linear = readonly [weight: tf.Tensor, bias: tf.Tensor];

/** x·weightᵀ + bias. */
const linear = (x: tf.Tensor, [weight, bias]: Linear) => tf.add(tf.matMul(x, weight, false, true), bias);

function lstm({ lr }: LstmProblem, inputs: readonly Input[]): Runner {
  const [x, labels, ...initial] = inputs.map(upload) as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
  const [batch, time, features] = x.shape as [number, number, number];
  const flat = tf.reshape(x, [batch * time, features]);
  return classification(
    () => tf.train.sgd(lr),
    labels,
    initial,
    (parameters) => {
      const [byInput, byState, inputBias, stateBias, weight, bias] = parameters as LstmParameters<tf.Tensor>;
      const fromInput = linear(flat, [byInput, tf.add(inputBias, stateBias)]);
      let state: { h: tf.Tensor; c: tf.Tensor } | undefined;
      for (const each of tf.unstack(tf.reshape(fromInput, [batch, time, -1]), 1)) {
        const gates = state === undefined ? each : linear(state.h, [byState, each]);
        const [input, forget, cell, output] = tf.split(gates, 4, -1) as [
          tf.Tensor,
          tf.Tensor,
          tf.Tensor,
          tf.Tensor,
        ];
        const added = tf.mul(tf.sigmoid(input), tf.tanh(cell));
        const c: tf.Tensor = state === undefined ? added : tf.add(tf.mul(tf.sigmoid(forget), state.c), added);
        state = { h: tf.mul(tf.sigmoid(output), tf.tanh(c)), c };
      }
      return linear(state!.h, [weight, bias]);
    },
  );
}

function transformer({ heads, lr }: TransformerProblem, inputs: readonly Input[]): Runner {
  const [given, labels, ...initial] = inputs.map(upload) as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
  const [batch, positions, width] = given.shape as [number, number, number];
  const x = tf.reshape(given, [batch * positions, width]);
  const across = (y: tf.Tensor, shape: number[], result: number[]) =>
    tf.reshape(tf.transpose(tf.reshape(y, shape), [0, 2, 1, 3]), result);
  const split = (y: tf.Tensor) =>
    across(y, [batch, positions, heads, width / heads], [batch * heads, positions, width / heads]);
  const join = (y: tf.Tensor) =>
    across(y, [batch, heads, positions, width / heads], [batch * positions, width]);
  return classification(
    () => tf.train.sgd(lr),
    labels,
    initial,
    (parameters) => {
      const part = (i: number) => parameters.slice(2 * i, 2 * i + 2) as [tf.Tensor, tf.Tensor];
      const projected = tf.split(linear(x, part(0)), 3, -1).map(split);
      const attended = linear(join(functions.attention(...projected)), part(1));
      const first = functions.layerNorm(tf.add(x, attended), ...part(4));
      const fed = linear(tf.relu(linear(first, part(2))), part(3));
      const second = functions.layerNorm(tf.add(first, fed), ...part(5));
      return linear(second, part(6));
    },
  );
}

function adam({ lr }: AdamProblem, inputs: readonly Input[]): Runner {
  const [initial, gradient] = inputs.map(upload) as [tf.Tensor, tf.Tensor];
  const start = () => {
    const parameter = tf.variable(initial);
    const optimizer = tf.train.adam(lr, 0.9, 0.999, 1e-8);
    const step = () => optimizer.applyGradients([{ name: parameter.name, tensor: gradient }]);
    return { parameter, optimizer, step };
  };
  let state = start();
  const end = () => {
    state.optimizer.dispose();
    state.parameter.dispose();
  };
  return {
    begin: () => {
      end();
      state = start();
    },
    run: (count) => {
      for (let i = 0; i < count; i++) state.step();
    },
    result: () => {
      end();
      state = start();
      for (let i = 0; i < 3; i++) state.step();
      return Float32Array.from(state.parameter.dataSync());
    },
    dispose: end,
  };
}

export const start: Start = async (device) => {
  if (device === "webgpu") {
    await import("@tensorflow/tfjs-backend-webgpu");
    await tf.setBackend("webgpu");
    readScalar = async (value) => (await read(value))[0]!;
    settle = async (value) => {
      await read(tf.slice(tf.reshape(value, [-1]), 0, 1));
    };
  } else await (await import("./tfjs-wasm")).useWasm();
  return { line, mlp, operation, function: compute, lstm, transformer, adam };
};
