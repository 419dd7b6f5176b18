export { Adagrad, type AdagradOptions } from "./adagrad";
export { Adam, type AdamOptions, AdamW } from "./adam";
export { type ClipOptions, clipGradNorm_, clipGradValue_ } from "./clip";
export { defineOptimizer, type PointwiseRule, type TensorRule } from "./define-optimizer";
export {
  type GroupInput,
  Optimizer,
  type OptimizerClass,
  type ParameterGroup,
  type ParameterInput,
  type ParameterState,
} from "./optimizer";
export type { Limit, Limits, Options, OptionValue, Widen } from "./options";
export { createOptimizer, type OptimizerRegistry, optimizerNames, registerOptimizer } from "./registry";
export { RMSprop, type RMSpropOptions } from "./rmsprop";
export { CosineAnnealingLR } from "./schedulers/cosine-annealing-lr";
export { ExponentialLR } from "./schedulers/exponential-lr";
export { type PlateauOptions, ReduceLROnPlateau } from "./schedulers/reduce-lr-on-plateau";
export { LRScheduler, type Schedulable, type SchedulerState } from "./schedulers/scheduler";
export { StepLR } from "./schedulers/step-lr";
export { SGD, type SGDOptions } from "./sgd";
export type { OptimizerStateDict, SavedState } from "./state-dict";
