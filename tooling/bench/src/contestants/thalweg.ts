import { initWebGPU } from "@thalweg/tensor/webgpu";
import { GPT } from "pronounce/model";
import {
  Adam,
  Conv2d,
  compile,
  conv2d,
  crossEntropy,
  Flatten,
  grad,
  Layer,
  Linear,
  LSTM,
  layerNorm,
  MaxPool2d,
  mseLoss,
  noGrad,
  type Optimizer,
  pointwise,
  ReLU,
  Sequential,
  SGD,
  scaledDotProductAttention,
  setDefaultDevice,
  type Tensor,
  TransformerEncoderLayer,
  tensor,
} from "thalweg";
import {
  type AdamProblem,
  type CnnProblem,
  type FunctionName,
  type FunctionProblem,
  type GPTProblem,
  type Input,
  joined,
  type LineProblem,
  type LstmProblem,
  type MlpProblem,
  type OperationProblem,
  type Reading,
  type Runner,
  type Start,
  type TransformerProblem,
  training,
} from "../contestant";

const upload = ({ shape, values }: Input): Tensor => tensor(values, { shape });

/** Reads a number on the device. */
let read: (x: Tensor) => Reading = (x) => x.item();

/** Comes when the device is done with the steps that were run before the rounds. */
let recorded: Reading = 0;

/** Training steps that are timed once the device is done with what sets them up. */
const steps = (start: () => () => Reading): Runner => training(start, undefined, () => recorded);

/** Waits until the device has computed a tensor; null if it has when the call returns. */
let settle: ((x: Tensor) => Promise<unknown>) | null = null;

const operations: Record<OperationProblem["operation"], (a: Tensor, b: Tensor) => Tensor> = {
  add: (a, b) => a.add(b),
  addTaped: (a, b) => a.add(b),
  addRow: (a, row) => a.add(row),
  exp: (a) => a.exp(),
  sum: (a) => a.sum(),
  sumRows: (a) => a.sum(0),
  sumColumns: (a) => a.sum(1),
  softmax: (a) => a.softmax(-1),
  chain: (a, b) => a.mul(b).add(a).relu(),
  fused: pointwise("fused", (a, b) => a.mul(b).add(a).relu()),
  transpose: (a) => a.transpose(0, 1).contiguous(),
  matmul: (a, b) => a.matmul(b),
  matmulNT: (a, b) => a.matmul(b.transpose(0, 1)),
  matmulTN: (a, b) => a.transpose(0, 1).matmul(b),
};

/** Runs a function as a program, if a problem says so. */
function through<F extends (...args: never[]) => Tensor>(compiled: boolean | undefined, f: F): F {
  return compiled === true ? (compile(f) as unknown as F) : f;
}

/**
 * A step of which the programs are recorded, if it is compiled. The parameters and the optimizer are afterwards as they were
 * before.
 */
function warmed(
  compiled: boolean | undefined,
  model: Layer,
  optimizer: Pick<Optimizer, "state" | "step" | "zeroGrad">,
  step: () => Tensor,
): () => Reading {
  const f = through(compiled, step);
  if (compiled === true) {
    const initial = model.parameters().map((parameter) => parameter.detach().clone());
    for (let i = 0; i < 4; i++) f();
    model.parameters().forEach((parameter, i) => {
      parameter.detach().copy_(initial[i]!);
    });
    for (const state of optimizer.state.values()) {
      state.step = 0;
      for (const each of Object.values(state.tensors)) each.zero_();
    }
    recorded = read(model.parameters()[0]!.detach().sum());
  }
  return () => read(f());
}

/** The last result is kept, so that no result goes unused. */
const kept: { last?: Tensor | undefined } = {};

function operation(
  { operation: name, compiled, givesBack }: OperationProblem,
  inputs: readonly Input[],
): Runner {
  const compute = through(compiled, operations[name]);
  const [a, b = a] = inputs.map(upload) as [Tensor, Tensor?];
  if (name === "addTaped") a.requiresGrad = true;
  const [c, d] = name === "add" ? [shortened(a), shortened(b)] : [a, b];
  return {
    run: async (count) => {
      if (givesBack === true) for (let i = 0; i < count; i++) replace(compute(a, b));
      else if (settle === null) for (let i = 0; i < count; i++) kept.last = compute(a, b);
      else {
        for (let i = 0; i < count; i++) replace(i % 2 === 0 ? compute(a, b) : compute(c, d));
        await settle(kept.last!);
      }
    },
    result: async () => Float32Array.from(await compute(a, b).detach().data()),
    dispose: () => {
      kept.last = undefined;
    },
  };
}

/**
 * The array without its last half percent. Consecutive maps of one size are fused into one launch, as in
 * a program; here each is to run separately, so every other one is shorter.
 */
function shortened(x: Tensor): Tensor {
  const [extent] = x.shape as [number];
  return x.narrow(0, 0, extent - Math.ceil(extent / 256));
}

/** Frees the memory of the last result, as the other libraries do everywhere. */
function replace(result: Tensor): void {
  kept.last?.[Symbol.dispose]();
  kept.last = result;
}

function lineByHand({ lr }: LineProblem, inputs: readonly Input[]): Runner {
  const [x, y] = inputs.map(upload) as [Tensor, Tensor];
  return steps(() => {
    const w = tensor([[0]], { requiresGrad: true });
    const b = tensor([0], { requiresGrad: true });
    return () => {
      const loss = x.matmul(w).add(b).sub(y).square().mean();
      loss.backward();
      noGrad(() => {
        w.sub_(w.grad!.mul(lr));
        b.sub_(b.grad!.mul(lr));
      });
      w.grad = null;
      b.grad = null;
      return read(loss);
    };
  });
}

function lineByModules({ lr, compiled }: LineProblem, inputs: readonly Input[]): Runner {
  const [x, y] = inputs.map(upload) as [Tensor, Tensor];
  return steps(() => {
    const model = new Linear(1, 1);
    model.loadStateDict({ weight: tensor([[0]]), bias: tensor([0]) });
    const optimizer = new SGD(model.parameters(), { lr });
    return warmed(compiled, model, optimizer, () => {
      const loss = mseLoss(model.forward(x), y);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss;
    });
  });
}

function mlp({ optimizer: kind, lr, compiled }: MlpProblem, inputs: readonly Input[]): Runner {
  const [x, labels, ...parameters] = inputs.map(upload) as [Tensor, Tensor, ...Tensor[]];
  return steps(() => {
    const layers = parameters.flatMap((weight, i) => {
      if (i % 2 === 1) return [];
      const layer = new Linear(weight.shape[1]!, weight.shape[0]!);
      layer.loadStateDict({ weight, bias: parameters[i + 1]! });
      return i === 0 ? [layer] : [new ReLU(), layer];
    });
    const model = new Sequential(...layers);
    const optimizer = new { sgd: SGD, adam: Adam }[kind](model.parameters(), { lr });
    return stepOf(compiled, model, optimizer, x, labels);
  });
}

function stepOf(
  compiled: boolean | undefined,
  model: Layer,
  optimizer: Pick<Optimizer, "state" | "step" | "zeroGrad">,
  x: Tensor,
  labels: Tensor,
): () => Reading {
  return warmed(compiled, model, optimizer, () => {
    const loss = crossEntropy(model.forward(x), labels);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return loss;
  });
}

function cnn({ lr, compiled }: CnnProblem, inputs: readonly Input[]): Runner {
  const [x, labels, ...parameters] = inputs.map(upload) as [Tensor, Tensor, ...Tensor[]];
  const channels = [x.shape[1]!, parameters[0]!.shape[0]!, parameters[2]!.shape[0]!] as const;
  return steps(() => {
    const convolutions = [0, 1].flatMap((i) => [
      new Conv2d(channels[i]!, channels[i + 1]!, 3, { padding: 1 }),
      new ReLU(),
      new MaxPool2d(2),
    ]);
    const last = new Linear(parameters[4]!.shape[1]!, parameters[4]!.shape[0]!);
    const model = new Sequential(...convolutions, new Flatten(), last);
    return stepOf(compiled, loaded(model, parameters), new SGD(model.parameters(), { lr }), x, labels);
  });
}

/** The model with these parameters, which are in the order of its state dict. */
function loaded<M extends Layer>(model: M, parameters: readonly Tensor[]): M {
  const names = Object.keys(model.stateDict());
  model.loadStateDict(Object.fromEntries(names.map((name, i) => [name, parameters[i]!])));
  return model;
}

/** Classifies sequences by their last state. */
class LastState extends Layer {
  readonly lstm: LSTM;
  readonly linear: Linear;

  constructor(features: number, width: number, classes: number) {
    super();
    this.lstm = new LSTM(features, width, { batchFirst: true });
    this.linear = new Linear(width, classes);
  }

  override forward(x: Tensor): Tensor {
    const [, [h]] = this.lstm.forward(x);
    return this.linear.forward(h.select(0, 0));
  }
}

function lstm({ lr, compiled }: LstmProblem, inputs: readonly Input[]): Runner {
  const [x, labels, ...parameters] = inputs.map(upload) as [Tensor, Tensor, ...Tensor[]];
  const [classes, width] = parameters[4]!.shape as [number, number];
  return training(() => {
    const model = loaded(new LastState(x.shape[2]!, width, classes), parameters);
    return stepOf(compiled, model, new SGD(model.parameters(), { lr }), x, labels);
  });
}

function transformer({ heads, lr, compiled }: TransformerProblem, inputs: readonly Input[]): Runner {
  const [x, labels, ...parameters] = inputs.map(upload) as [Tensor, Tensor, ...Tensor[]];
  const [width, dimFeedforward] = parameters[6]!.shape as [number, number];
  return training(() => {
    const layer = new TransformerEncoderLayer(width, heads, { dimFeedforward, dropout: 0, batchFirst: true });
    const last = new Linear(width, parameters.at(-1)!.shape[0]!);
    const model = loaded(new Sequential(layer, new Flatten(0, 1), last), parameters);
    return stepOf(compiled, model, new SGD(model.parameters(), { lr }), x, labels);
  });
}

function gpt({ layers, heads, lr, compiled }: GPTProblem, inputs: readonly Input[]): Runner {
  const [first, second, ...parameters] = inputs.map(upload) as [Tensor, Tensor, ...Tensor[]];
  const [tokens, targets] = [first.to("int32"), second.to("int32").flatten()];
  const [vocabulary, width] = parameters[0]!.shape as [number, number];
  const context = tokens.shape[1]!;
  return training(() => {
    const sizes = { vocabulary, context, layers, width, heads };
    const parts = { positions: "learned", norm: "layer", activation: "gelu" } as const;
    const model = new GPT({ ...sizes, ...parts, dropout: 0, checkpoint: false });
    for (const [i, [, parameter]] of [...model.namedParameters()].entries()) {
      noGrad(() => parameter.copy_(parameters[i]!));
    }
    const optimizer = new Adam(model.parameters(), { lr });
    return warmed(compiled, model, optimizer, () => {
      const loss = crossEntropy(model.forward(tokens).flatten(0, 1), targets);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss;
    });
  });
}

const functions: Record<FunctionName, (...args: [Tensor, Tensor, Tensor]) => Tensor> = {
  conv2d: (x, weight) => conv2d(x, weight, { padding: 1 }),
  layerNorm: (x, weight, bias) => layerNorm(x, weight.shape, { weight, bias }),
  attention: (q, k, v) => scaledDotProductAttention(q, k, v),
};

function compute({ function: name, backward }: FunctionProblem, inputs: readonly Input[]): Runner {
  const tensors = inputs.map(upload);
  const seed = backward ? tensors.pop() : undefined;
  const args = tensors as [Tensor, Tensor, Tensor];
  for (const x of args) x.requiresGrad = backward;
  const call = (): Tensor[] => {
    const y = functions[name](...args);
    return seed === undefined ? [y] : grad(y, args, { gradOutputs: seed });
  };
  return {
    run: (count) => {
      for (let i = 0; i < count; i++) kept.last = call()[0];
    },
    result: async () => joined(await Promise.all(call().map((x) => x.data()))),
    dispose: () => {
      kept.last = undefined;
    },
  };
}

function adam({ lr }: AdamProblem, inputs: readonly Input[]): Runner {
  const [initial, gradient] = inputs.map(upload) as [Tensor, Tensor];
  const start = () => {
    const parameter = initial.clone();
    parameter.requiresGrad = true;
    parameter.grad = gradient;
    return { parameter, optimizer: new Adam([parameter], { lr }) };
  };
  let state = start();
  return {
    begin: () => {
      state = start();
    },
    run: (count) => {
      for (let i = 0; i < count; i++) state.optimizer.step();
    },
    result: () => {
      const { parameter, optimizer } = start();
      for (let i = 0; i < 3; i++) optimizer.step();
      return Float32Array.from(parameter.dataSync());
    },
  };
}

export const start: Start = async (device) => {
  if (device === "webgpu") {
    await initWebGPU();
    setDefaultDevice(device);
    read = (x) => x.itemAsync();
    settle = (x) => x.flatten().select(0, 0).itemAsync();
  }
  const line = (problem: LineProblem, inputs: readonly Input[]) =>
    (problem.by === "hand" ? lineByHand : lineByModules)(problem, inputs);
  return { line, mlp, operation, function: compute, cnn, lstm, transformer, gpt, adam };
};
