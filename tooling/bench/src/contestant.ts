/** An array that every contestant is given; labels are float32, too. */
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

/** y = w·x + b on a few points; inputs x, y: [points, 1]. */
export interface LineProblem {
  readonly kind: "line";
  /** The update written out, or a layer, a loss and an optimizer. */
  readonly by: "hand" | "modules";
  readonly lr: number;
}

/** Inputs x: [batch, features], labels: [batch], then weight [out, in] and bias [out] of each layer. */
export interface MlpProblem {
  readonly kind: "mlp";
  readonly optimizer: "sgd" | "adam";
  readonly lr: number;
}

export interface OperationProblem {
  readonly kind: "operation";
  readonly operation: OperationName;
  /** Time what the script does to have it computed on another device, and not the computing. */
  readonly issueOnly?: boolean;
}

export type FunctionName = "conv2d" | "layerNorm" | "attention";

/**
 * A function of several tensors: conv2d (images, weight; 3 by 3, padded by 1), layerNorm (x, weight, bias),
 * attention (queries, keys, values of all heads). With `backward` also its gradients by all of them; the last
 * input is then that of the result.
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
export interface CnnProblem {
  readonly kind: "cnn";
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
  | AdamProblem;

/** A problem set up on a contestant. */
export interface Runner {
  /** Called before every round, outside of the time that counts. */
  readonly begin?: () => void;
  /** Does the work so many times, and returns when it is done. */
  readonly run: (count: number) => void | Promise<void>;
  /** What has to agree: the result of the operation, or the losses of the first steps. */
  readonly result: () => Float32Array | Promise<Float32Array>;
  readonly dispose?: (() => void) | undefined;
}

type Setup<P> = (problem: P, inputs: readonly Input[]) => Runner | null;

export type Device = "cpu" | "webgpu";

/** A library under test. What it lacks is left out, or is null. */
export interface Contestant {
  readonly line?: Setup<LineProblem>;
  readonly mlp?: Setup<MlpProblem>;
  readonly operation?: Setup<OperationProblem>;
  readonly function?: Setup<FunctionProblem>;
  readonly cnn?: Setup<CnnProblem>;
  readonly adam?: Setup<AdamProblem>;
}

/** Gets a library ready to compute on a device. */
export type Start = (device: Device) => Promise<Contestant>;

/** A number that was computed: on devices that answer later, later. */
export type Reading = number | Promise<number>;

const comparedSteps = 10;

/** Arrays one after another. */
export function joined(parts: readonly ArrayLike<number>[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => Array.from(part)));
}

/**
 * Runs training steps. Every round starts from the same weights: a model that has been trained for longer
 * may be a different load (denormals, zeros).
 *
 * @param start makes a model and returns its step, which reads the loss.
 */
export function training(start: () => () => Reading, dispose?: () => void): Runner {
  let step = start();
  return {
    begin: () => {
      dispose?.();
      step = start();
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
