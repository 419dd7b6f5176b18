import { type BuiltInName, racerNames } from "../race/racers";
import type { ScheduleName } from "../schedules/names";

/** The half side of the plane that is shown. */
export const reach = 3;

/** Places of a side of the heat map of a neuron, and of that of the output. */
export const sides = { neuron: 32, output: 100 } as const;

/** Where the examples come from; the reader's own are placed by hand or pasted. */
export const dataNames = ["circles", "xor", "moons", "spiral", "gaussian", "own"] as const;

/** The name of a set of examples. */
export type DataName = (typeof dataNames)[number];

/** What the network may be given of a point. */
export const featureNames = ["x", "y", "xSquared", "ySquared", "product", "sinX", "sinY"] as const;

/** The name of a feature. */
export type FeatureName = (typeof featureNames)[number];

/** The functions of hidden neurons. */
export const activationNames = ["tanh", "relu", "sigmoid", "leakyRelu", "gelu", "linear"] as const;

/** The name of a function of neurons. */
export type ActivationName = (typeof activationNames)[number];

/** The name of an optimizer: Muon is for matrices alone, and L-BFGS searches. */
export type OptimizerName = Exclude<BuiltInName, "muon" | "lbfgs">;

/** The optimizers that a network can be trained with. */
export const optimizerNames = racerNames.filter(
  (name): name is OptimizerName => !["muon", "lbfgs", "yours"].includes(name),
);

/** What keeps the network simple. */
export const penaltyNames = ["none", "l1", "l2", "dropout"] as const;

/** The name of a regularisation. */
export type PenaltyName = (typeof penaltyNames)[number];

/** Examples of a batch. */
export const batchNames = ["1", "8", "16", "32", "64", "all"] as const;

/** The size of a batch. */
export type BatchName = (typeof batchNames)[number];

/** Epochs of a whole training, over which a schedule goes. */
export const lengths = ["100", "300", "1000", "2000"] as const;

/** Limits of what may be chosen. */
export const limits = {
  layers: 5,
  neurons: 8,
  count: { least: 20, most: 500 },
  own: 300,
  noise: 1.5,
  share: { least: 0.1, most: 0.9 },
  rate: { least: 1e-4, most: 30 },
  strength: { least: 1e-5, most: 1 },
  dropped: { least: 0.1, most: 0.8 },
} as const;

/** An example: a place of the plane, and the class that it belongs to. */
export type Example = readonly [x: number, y: number, kind: 0 | 1];

/** All that a training depends on: the same settings give the same bits. */
export interface Settings {
  readonly data: DataName;
  readonly own: readonly Example[];
  /** Examples, unless they are the reader's own. */
  readonly count: number;
  /** The standard deviation of the error of each coordinate. */
  readonly noise: number;
  /** The share of the examples that the network learns from. */
  readonly share: number;
  readonly seed: number;
  readonly features: readonly FeatureName[];
  /** Neurons of each hidden layer. */
  readonly layers: readonly number[];
  readonly activation: ActivationName;
  readonly optimizer: OptimizerName;
  readonly rate: number;
  readonly schedule: ScheduleName;
  readonly epochs: number;
  readonly batch: BatchName;
  readonly penalty: PenaltyName;
  /** The factor of the penalty. */
  readonly strength: number;
  /** The share of the neurons that dropout leaves out. */
  readonly dropped: number;
}
