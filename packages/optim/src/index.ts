export { Adadelta, type AdadeltaOptions } from "./adadelta";
export { Adagrad, type AdagradOptions } from "./adagrad";
export { Adam, type AdamOptions, AdamW } from "./adam";
export { Adamax, type AdamaxOptions } from "./adamax";
export { type ClipOptions, clipGradNorm_, clipGradValue_ } from "./clip";
export {
  type ClosureRule,
  defineClosureOptimizer,
  type Evaluation,
  type Search,
} from "./define-closure-optimizer";
export { defineOptimizer } from "./define-optimizer";
export { LAMB, type LAMBOptions } from "./lamb";
export { LBFGS, type LBFGSOptions } from "./lbfgs";
export { Lion, type LionOptions } from "./lion";
export { Muon, type MuonOptions } from "./muon";
export { NAdam, type NAdamOptions } from "./nadam";
export {
  type GroupInput,
  Optimizer,
  type OptimizerClass,
  type ParameterGroup,
  type ParameterInput,
  type ParameterState,
} from "./optimizer";
export type { Limit, Limits, Option, Options, OptionValue, Widen } from "./options";
export { RAdam, type RAdamOptions } from "./radam";
export { createOptimizer, type OptimizerRegistry, optimizerNames, registerOptimizer } from "./registry";
export { RMSprop, type RMSpropOptions } from "./rmsprop";
export type { Declaration, Numbers, PointwiseRule, TensorRule } from "./rule";
export { CosineAnnealingLR } from "./schedulers/cosine-annealing-lr";
export { ExponentialLR } from "./schedulers/exponential-lr";
export { type PlateauOptions, ReduceLROnPlateau } from "./schedulers/reduce-lr-on-plateau";
export { LRScheduler, type Schedulable, type SchedulerState } from "./schedulers/scheduler";
export { StepLR } from "./schedulers/step-lr";
export { SGD, type SGDOptions } from "./sgd";
export type { OptimizerStateDict, SavedState } from "./state-dict";
