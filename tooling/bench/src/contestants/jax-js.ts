import { defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import {
  type AdamProblem,
  type CnnProblem,
  type FunctionName,
  type FunctionProblem,
  type GPTProblem,
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

// Every function consumes its arguments; `.ref` keeps one for another use.

/** Reads a number on the device. */
let read: (value: np.Array) => Reading = (value) => value.item();

/** Whether the device computes while the script goes on, and how many results may be pending. */
let answersLater = false;
let ahead = 1;

const upload = ({ shape, values }: Input) => np.array(values).reshape([...shape]);

type Binary = (a: np.Array, b: np.Array) => np.Array;
type Unary = (a: np.Array) => np.Array;

const unary: Partial<Record<OperationName, Unary>> = {
  exp: jit((a: np.Array) => np.exp(a)),
  sum: jit((a: np.Array) => np.sum(a)),
  sumRows: jit((a: np.Array) => np.sum(a, 0)),
  sumColumns: jit((a: np.Array) => np.sum(a, 1)),
  softmax: jit((a: np.Array) => nn.softmax(a, -1)),
  transpose: jit((a: np.Array) => np.transpose(a)),
};

const chain = jit((a: np.Array, b: np.Array) => nn.relu(a.ref.mul(b).add(a)));

const binary: Partial<Record<OperationName, Binary>> = {
  add: jit((a: np.Array, b: np.Array) => a.add(b)),
  addRow: jit((a: np.Array, row: np.Array) => a.add(row)),
  chain,
  fused: chain,
  matmul: jit((a: np.Array, b: np.Array) => np.matmul(a, b)),
  matmulNT: jit((a: np.Array, b: np.Array) => np.matmul(a, np.transpose(b))),
  matmulTN: jit((a: np.Array, b: np.Array) => np.matmul(np.transpose(a), b)),
};

/** Below this, reading a result costs less than waiting for it. */
const small = 1024;

function operation(
  { operation: name, issueOnly }: OperationProblem,
  inputs: readonly Input[],
): Runner | null {
  const [a, b = a.ref] = inputs.map(upload) as [np.Array, np.Array?];
  const isTiny = a.size < 10 || issueOnly;
  const [one, two] = [
    unary[name],
    isTiny && name === "add" ? (x: np.Array, y: np.Array) => x.add(y) : binary[name],
  ];
  if (!one && !two) return null;
  const compute = () => (one ? one(a.ref) : two!(a.ref, b.ref));
  const settle = (value: np.Array) => value.blockUntilReady().then(() => value.dispose());
  return {
    run: async (count) => {
      let waiting: Promise<void>[] = [];
      for (let i = 0; i < count; i++) {
        const value = compute();
        if (!answersLater && value.size <= small) value.dataSync();
        // Nothing is computed until its result is awaited.
        else if (waiting.push(settle(value)) >= ahead) {
          await Promise.all(waiting);
          waiting = [];
        }
      }
      await Promise.all(waiting);
    },
    result: async () => (await compute().data()) as Float32Array,
    dispose: () => tree.dispose([a, b]),
  };
}

function line({ by, lr }: LineProblem, inputs: readonly Input[]): Runner | null {
  if (by === "modules") return null;
  const [x, y] = inputs.map(upload) as [np.Array, np.Array];
  const loss = (w: np.Array, b: np.Array) => np.mean(np.square(np.matmul(x.ref, w).add(b).sub(y.ref)));
  const update = jit((w: np.Array, b: np.Array) => {
    const [value, [dw, db]] = valueAndGrad(loss, { argnums: [0, 1] })(w.ref, b.ref);
    return [value, w.sub(dw.mul(lr)), b.sub(db.mul(lr))];
  });
  return training(() => {
    let [w, b] = [np.zeros([1, 1]), np.zeros([1])];
    return () => {
      const [value, ...updated] = update(w, b) as [np.Array, np.Array, np.Array];
      [w, b] = updated;
      return read(value);
    };
  });
}

type Parameters = np.Array[];

function logits(parameters: Parameters, x: np.Array): np.Array {
  let y = x;
  for (let i = 0; i < parameters.length; i += 2) {
    y = np.matmul(i === 0 ? y : nn.relu(y), parameters[i]!).add(parameters[i + 1]!);
  }
  return y;
}

function adam(
  parameters: Parameters,
  gradients: Parameters,
  m: Parameters,
  v: Parameters,
  scale: Corrections,
) {
  const [beta1, beta2] = betas;
  const firsts = m.map((mi, i) => mi.mul(beta1).add(gradients[i]!.ref.mul(1 - beta1)));
  const seconds = v.map((vi, i) => vi.mul(beta2).add(np.square(gradients[i]!).mul(1 - beta2)));
  const updated = parameters.map((parameter, i) => {
    const root = np.sqrt(seconds[i]!.ref.mul(scale.second.ref)).add(1e-8);
    return parameter.sub(firsts[i]!.ref.mul(scale.first.ref).div(root));
  });
  tree.dispose(scale);
  return { parameters: updated, m: firsts, v: seconds };
}

/** Bias corrections of the moments, with the learning rate; computed outside, where they cost nothing. */
type Corrections = { first: np.Array; second: np.Array };

const betas = [0.9, 0.999] as const;

function mlp({ optimizer, lr }: MlpProblem, inputs: readonly Input[]): Runner {
  const [x, labels] = [upload(inputs[0]!), upload(inputs[1]!).astype(np.int32)];
  // Weights are [in, out] here, as is usual for this library.
  const initial = inputs
    .slice(2)
    .map((input) => upload(input.shape.length === 2 ? transposed(input) : input));
  const classes = initial.at(-1)!.size;
  const target = nn.oneHot(labels, classes);
  const loss = (parameters: Parameters) => entropy(logits(parameters, x.ref), target);
  return optimizer === "sgd" ? descent(lr, initial, loss) : adamDescent(lr, initial, loss);
}

/** Steps of Adam. */
function adamDescent(lr: number, initial: Parameters, loss: (parameters: Parameters) => np.Array): Runner {
  const evaluate = valueAndGrad(loss);
  const adapt = jit((parameters: Parameters, m: Parameters, v: Parameters, scale: Corrections) => {
    const [value, gradients] = evaluate(tree.ref(parameters));
    return { value, ...adam(parameters, gradients, m, v, scale) };
  });
  let [parameters, m, v]: [Parameters, Parameters, Parameters] = [[], [], []];
  return training(
    () => {
      parameters = tree.ref(initial);
      [m, v] = [initial.map((p) => np.zeros(p.shape)), initial.map((p) => np.zeros(p.shape))];
      let [power1, power2] = [1, 1];
      return () => {
        power1 *= betas[0];
        power2 *= betas[1];
        const scale = { first: scalar(lr / (1 - power1)), second: scalar(1 / (1 - power2)) };
        const updated = adapt(parameters, m, v, scale);
        ({ parameters, m, v } = updated);
        return read(updated.value);
      };
    },
    () => tree.dispose([parameters, m, v]),
  );
}

const margin: [number, number][] = [
  [1, 1],
  [1, 1],
];

const convolve = (x: np.Array, weight: np.Array) => lax.convGeneralDilated(x, weight, [1, 1], margin);

const functions: Record<FunctionName, (...args: np.Array[]) => np.Array> = {
  conv2d: (x, weight) => convolve(x!, weight!),
  layerNorm: (x, weight, bias) => nn.standardize(x!, -1).mul(weight!).add(bias!),
  attention(q, k, v) {
    const scores = np.matmul(q!, np.matrixTranspose(k!)).mul(1 / Math.sqrt(q!.shape.at(-1)!));
    return np.matmul(nn.softmax(scores, -1), v!);
  },
};

function compute({ function: name, backward }: FunctionProblem, inputs: readonly Input[]): Runner {
  const args = inputs.map(upload);
  const forward = functions[name];
  const value = (...given: np.Array[]) => np.sum(forward(...given.slice(0, -1)).mul(given.at(-1)!));
  const argnums = args.slice(0, -1).map((_, i) => i);
  const call = backward
    ? jit((...given: np.Array[]) => {
        const [total, gradients] = valueAndGrad(value, { argnums })(...given);
        total.dispose();
        return gradients as np.Array[];
      })
    : jit((...given: np.Array[]) => [forward(...given)]);
  const run = () => call(...args.map((x) => x.ref)) as np.Array[];
  return {
    run: async (count) => {
      for (let i = 0; i < count; i++) {
        const results = run();
        for (const x of results) {
          await x.blockUntilReady();
          x.dispose();
        }
      }
    },
    result: async () => joined(await Promise.all(run().map(async (x) => (await x.data()) as Float32Array))),
    dispose: () => tree.dispose(args),
  };
}

/** The maximum of each 2 by 2 square. */
function pool(x: np.Array): np.Array {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  return np.max(x.reshape([batch, channels, height / 2, 2, width / 2, 2]), [3, 5]);
}

function cnn({ lr }: CnnProblem, inputs: readonly Input[]): Runner {
  const [x, labels] = [upload(inputs[0]!), upload(inputs[1]!).astype(np.int32)];
  const initial = inputs.slice(2).map(upload);
  const target = nn.oneHot(labels, initial.at(-1)!.size);
  return descent(lr, initial, (parameters) => {
    let y = x.ref;
    for (const i of [0, 2]) {
      const bias = parameters[i + 1]!;
      y = pool(nn.relu(convolve(y, parameters[i]!).add(bias.reshape([bias.size, 1, 1]))));
    }
    const flat = y.reshape([y.shape[0]!, -1]);
    return entropy(linear(flat, parameters[4]!, parameters[5]!), target);
  });
}

/** x·weightᵀ + bias. */
const linear = (x: np.Array, weight: np.Array, bias: np.Array) =>
  np.matmul(x, np.transpose(weight)).add(bias);

const entropy = (scores: np.Array, target: np.Array) =>
  nn.logSoftmax(scores, -1).mul(target.ref).sum(-1).mean().neg();

/** Steps of SGD. */
function descent(lr: number, initial: Parameters, loss: (parameters: Parameters) => np.Array): Runner {
  const evaluate = valueAndGrad(loss);
  const descend = jit((parameters: Parameters) => {
    const [value, gradients] = evaluate(tree.ref(parameters));
    return { value, parameters: parameters.map((parameter, i) => parameter.sub(gradients[i]!.mul(lr))) };
  });
  let parameters: Parameters = [];
  return training(
    () => {
      parameters = tree.ref(initial);
      return () => {
        const updated = descend(parameters);
        parameters = updated.parameters;
        return read(updated.value);
      };
    },
    () => tree.dispose(parameters),
  );
}

function lstm({ lr }: LstmProblem, inputs: readonly Input[]): Runner {
  const [x, labels] = [upload(inputs[0]!), upload(inputs[1]!).astype(np.int32)];
  const initial = inputs.slice(2).map(upload);
  const target = nn.oneHot(labels, initial.at(-1)!.size);
  return descent(lr, initial, (parameters) => {
    const [byInput, byState, inputBias, stateBias, weight, bias] =
      parameters as readonly np.Array[] as LstmParameters<np.Array>;
    const fromInput = np.unstack(linear(x.ref, byInput, inputBias.add(stateBias)), 1);
    const turned = np.transpose(byState);
    let state: { h: np.Array; c: np.Array } | undefined;
    for (const each of fromInput) {
      const gates = state === undefined ? each : each.add(np.matmul(state.h, turned.ref));
      const [input, forget, cell, output] = np.split(gates, 4, -1) as [
        np.Array,
        np.Array,
        np.Array,
        np.Array,
      ];
      const added = nn.sigmoid(input).mul(np.tanh(cell));
      const kept = nn.sigmoid(forget);
      const c: np.Array = state === undefined ? added : kept.mul(state.c).add(added);
      state = { h: nn.sigmoid(output).mul(np.tanh(c.ref)), c };
    }
    turned.dispose();
    state!.c.dispose();
    return entropy(linear(state!.h, weight, bias), target);
  });
}

/** Puts the heads of [batch * positions, width] into the batch, and back. */
function byHead(batch: number, positions: number, width: number, heads: number) {
  return {
    split: (y: np.Array) =>
      np
        .transpose(y.reshape([batch, positions, heads, width / heads]), [0, 2, 1, 3])
        .reshape([batch * heads, positions, width / heads]),
    join: (y: np.Array) =>
      np
        .transpose(y.reshape([batch, heads, positions, width / heads]), [0, 2, 1, 3])
        .reshape([batch * positions, width]),
  };
}

function transformer({ heads, lr }: TransformerProblem, inputs: readonly Input[]): Runner {
  const [batch, positions, width] = inputs[0]!.shape as [number, number, number];
  const x = upload(inputs[0]!).reshape([batch * positions, width]);
  const labels = upload(inputs[1]!).astype(np.int32);
  const initial = inputs.slice(2).map(upload);
  const target = nn.oneHot(labels, initial.at(-1)!.size);
  const { split, join } = byHead(batch, positions, width, heads);
  return descent(lr, initial, (parameters) => {
    const part = (i: number) => parameters.slice(2 * i, 2 * i + 2) as [np.Array, np.Array];
    const projected = np.split(linear(x.ref, ...part(0)), 3, -1).map(split);
    const attended = linear(join(functions.attention(...projected)), ...part(1));
    const first = functions.layerNorm(x.ref.add(attended), ...part(4));
    const fed = linear(nn.relu(linear(first.ref, ...part(2))), ...part(3));
    const second = functions.layerNorm(first.add(fed), ...part(5));
    return entropy(linear(second, ...part(6)), target);
  });
}

function gpt({ layers, heads, lr }: GPTProblem, inputs: readonly Input[]): Runner {
  const [batch, positions] = inputs[0]!.shape as [number, number];
  const [tokens, labels] = [inputs[0]!, inputs[1]!].map((x) =>
    upload({ ...x, shape: [batch * positions] }).astype(np.int32),
  ) as [np.Array, np.Array];
  const initial = inputs.slice(2).map(upload);
  const [vocabulary, width] = inputs[2]!.shape as [number, number];
  const target = nn.oneHot(labels, vocabulary);
  // The gradient of a look-up is a scatter, which does not compile here.
  const given = nn.oneHot(tokens, vocabulary);
  const { split, join } = byHead(batch, positions, width, heads);
  const later = Float32Array.from({ length: positions ** 2 }, (_, i) =>
    i % positions > Math.floor(i / positions) ? Number.NEGATIVE_INFINITY : 0,
  );
  const mask = np.array(later).reshape([positions, positions]);
  return adamDescent(lr, initial, (parameters) => {
    const part = (i: number) => parameters.slice(2 * i, 2 * i + 2) as [np.Array, np.Array];
    const [table, places] = part(0);
    const words = np.matmul(given.ref, table.ref).reshape([batch, positions, width]);
    let x = words.add(places).reshape([batch * positions, width]);
    for (let i = 0; i < layers; i++) {
      const at = (k: number) => part(1 + 6 * i + k);
      const [q, k, v] = np
        .split(linear(functions.layerNorm(x.ref, ...at(0)), ...at(1)), 3, -1)
        .map(split) as [np.Array, np.Array, np.Array];
      const scores = np.matmul(q, np.matrixTranspose(k)).mul(1 / Math.sqrt(width / heads));
      const attended = join(np.matmul(nn.softmax(scores.add(mask.ref), -1), v));
      x = x.add(linear(attended, ...at(2)));
      const inner = nn.gelu(linear(functions.layerNorm(x.ref, ...at(3)), ...at(4)), { approximate: false });
      x = x.add(linear(inner, ...at(5)));
    }
    const last = functions.layerNorm(x, ...part(1 + 6 * layers));
    return entropy(np.matmul(last, np.transpose(table)), target);
  });
}

function adamSteps({ lr }: AdamProblem, inputs: readonly Input[]): Runner {
  const [initial, gradient] = inputs.map(upload) as [np.Array, np.Array];
  const update = jit((p: Parameters, m: Parameters, v: Parameters, g: Parameters, scale: Corrections) =>
    adam(p, g, m, v, scale),
  );
  const start = () => {
    let [p, m, v]: [Parameters, Parameters, Parameters] = [
      [initial.ref],
      [np.zeros(initial.shape)],
      [np.zeros(initial.shape)],
    ];
    let [power1, power2] = [1, 1];
    return {
      step() {
        power1 *= betas[0];
        power2 *= betas[1];
        const scale = { first: scalar(lr / (1 - power1)), second: scalar(1 / (1 - power2)) };
        ({ parameters: p, m, v } = update(p, m, v, [gradient.ref], scale));
        return p[0]!;
      },
      dispose: () => tree.dispose([p, m, v]),
    };
  };
  let state = start();
  return {
    begin: () => {
      state.dispose();
      state = start();
    },
    run: async (count) => {
      for (let i = 0; i < count; i++) await state.step().blockUntilReady();
    },
    result: async () => {
      state.dispose();
      state = start();
      const [, , last] = [state.step(), state.step(), state.step()];
      return Float32Array.from((await last.ref.data()) as Float32Array);
    },
    dispose: () => state.dispose(),
  };
}

const scalar = (value: number) => np.array(new Float32Array([value])).reshape([]);

function transposed({ shape, values }: Input): Input {
  const [rows, columns] = shape as [number, number];
  const turned = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
  return { shape: [columns, rows], values: turned };
}

export const start: Start = async (device) => {
  const backend = device === "webgpu" ? "webgpu" : "wasm";
  await init(backend);
  defaultDevice(backend);
  if (device === "webgpu") {
    answersLater = true;
    ahead = 16;
    read = async (value) => (await value.data())[0]!;
  }
  return { line, mlp, operation, function: compute, cnn, lstm, transformer, gpt, adam: adamSteps };
};
