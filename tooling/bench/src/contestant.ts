/** An array that every contestant is given; labels are also float32. */
export interface Input {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export type OperationName =
  | "add"
  | "addTaped"
  | "addRow"
  | "exp"
  | "sum"
  | "sumRows"
  | "sumColumns"
  | "softmax"
  | "chain"
  | "fused"
  | "transpose"
  | "matmul"
  | "matmulNT"
  | "matmulTN";

/** A part of problems of which Thalweg has two rows. The others do the same in both. */
interface Compilable {
  /** Whether Thalweg runs it with `compile`; false unless given. */
  readonly compiled?: boolean;
}

/** y = w·x + b on a few points; inputs x, y: [points, 1]. */
export interface LineProblem extends Compilable {
  readonly kind: "line";
  /** The update written out, or a layer, a loss and an optimizer. */
  readonly by: "hand" | "modules";
  readonly lr: number;
}

/** Inputs x: [batch, features], labels: [batch], then weight [out, in] and bias [out] of each layer. */
export interface MlpProblem extends Compilable {
  readonly kind: "mlp";
  readonly optimizer: "sgd" | "adam";
  readonly lr: number;
}

export interface OperationProblem extends Compilable {
  readonly kind: "operation";
  readonly operation: OperationName;
  /** Measure the script's work for a computation on another device, not the computation itself. */
  readonly issueOnly?: boolean;
  /** Whether Thalweg, too, gives a result back before the next one, and does not leave it to the garbage collector. */
  readonly givesBack?: boolean;
}

export type FunctionName = "conv2d" | "layerNorm" | "attention";

/**
 * A function of several tensors: conv2d (images, weight; 3 by 3, padded by 1), layerNorm (x, weight, bias),
 * attention (queries, keys, values of all heads). With `backward`, also its gradients by all of them; the last
 * input is then the result's gradient.
 */
export interface FunctionProblem {
  readonly kind: "function";
  readonly function: FunctionName;
  readonly backward: boolean;
}

/**
 * Two convolutions, 3 by 3 and padded by 1, each with relu and a maximum of 2 by 2, then a linear layer. Inputs
 * images: [batch, channels, height, width], labels: [batch], then weight and bias of each layer.
 */
export interface CnnProblem extends Compilable {
  readonly kind: "cnn";
  readonly lr: number;
}

/**
 * One layer of LSTM and a linear layer on its last state. Inputs x: [batch, time, features], labels: [batch], then the
 * parameters.
 */
export interface LstmProblem extends Compilable {
  readonly kind: "lstm";
  readonly lr: number;
}

/**
 * Weights of the gates by the input [4 width, features] and by the state [4 width, width], their biases [4 width], weight
 * [classes, width] and bias [classes] of the linear layer. The gates are input, forget, cell and output.
 */
export type LstmParameters<T> = readonly [
  byInput: T,
  byState: T,
  inputBias: T,
  stateBias: T,
  weight: T,
  bias: T,
];

/**
 * One encoder layer of a transformer, normalised after each part, and a linear layer on each position. Inputs x: [batch,
 * positions, width], labels: [batch * positions], then weight and bias of: queries, keys and values together, the heads'
 * outputs, the wide layer, the narrow layer, the first norm, the second norm, the linear layer.
 */
export interface TransformerProblem extends Compilable {
  readonly kind: "transformer";
  readonly heads: number;
  readonly lr: number;
}

/**
 * The model of apps/pronounce with biases and learned positions: embeddings of tokens and positions, blocks of causal attention
 * and two linear maps with a GELU between them, normalised before each part, and tied output weights; steps of Adam. Inputs
 * tokens: [batch, positions], the tokens after them, then the parameters in the order of the model.
 */
export interface GPTProblem extends Compilable {
  readonly kind: "gpt";
  readonly layers: number;
  readonly heads: number;
  readonly lr: number;
}

/** Steps of Adam with one gradient. Inputs: parameter, gradient. */
export interface AdamProblem {
  readonly kind: "adam";
  readonly lr: number;
}

export type Problem =
  | LineProblem
  | MlpProblem
  | OperationProblem
  | FunctionProblem
  | CnnProblem
  | LstmProblem
  | TransformerProblem
  | GPTProblem
  | AdamProblem;

/** A problem set up on a contestant. */
export interface Runner {
  /** Called before every round, and waited for, outside of the measured time. */
  readonly begin?: () => void | Promise<unknown>;
  /** Runs `count` times, and returns when it is done. */
  readonly run: (count: number) => void | Promise<void>;
  /** The results to compare: that of the operation, or the losses of the first steps. */
  readonly result: () => Float32Array | Promise<Float32Array>;
  readonly dispose?: (() => void) | undefined;
}

type Setup<P> = (problem: P, inputs: readonly Input[]) => Runner | null;

export type Device = "cpu" | "webgpu";

/** A library under test. Cases that it does not support are left out, or null. */
export interface Contestant {
  readonly line?: Setup<LineProblem>;
  readonly mlp?: Setup<MlpProblem>;
  readonly operation?: Setup<OperationProblem>;
  readonly function?: Setup<FunctionProblem>;
  readonly cnn?: Setup<CnnProblem>;
  readonly lstm?: Setup<LstmProblem>;
  readonly transformer?: Setup<TransformerProblem>;
  readonly gpt?: Setup<GPTProblem>;
  readonly adam?: Setup<AdamProblem>;
}

/** Prepares a library to compute on a device. */
export type Start = (device: Device) => Promise<Contestant>;

/** A computed number; a promise on devices that are read asynchronously. */
export type Reading = number | Promise<number>;

const comparedSteps = 10;

/** Concatenates arrays. */
export function joined(parts: readonly ArrayLike<number>[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => Array.from(part)));
}

/**
 * Runs training steps. Every round starts from the same weights: a model that has been trained for longer
 * may be a different load (denormals, zeros).
 *
 * @param start makes a model and returns its step, which reads the loss
 * @param ready waits until what `start` told a device is done
 */
export function training(
  start: () => () => Reading,
  dispose?: () => void,
  ready: () => Reading = () => 0,
): Runner {
  let step = start();
  return {
    begin: async () => {
      dispose?.();
      step = start();
      await ready();
    },
    run: async (count) => {
      for (let i = 0; i < count; i++) {
        const loss = step();
        if (Number.isNaN(typeof loss === "number" ? loss : await loss)) throw new Error("diverged");
      }
    },
    result: async () => {
      dispose?.();
      step = start();
      const losses = new Float32Array(comparedSteps);
      for (let i = 0; i < comparedSteps; i++) losses[i] = await step();
      return losses;
    },
    dispose,
  };
}
