export { Adadelta, type AdadeltaOptions } from "./adadelta";
export { Adagrad, type AdagradOptions } from "./adagrad";
export { Adam, type AdamOptions, AdamW, type AdamWOptions } from "./adam";
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
  type ParameterState,
} from "./optimizer";
export type {
  Limit,
  Limits,
  Option,
  OptionChoices,
  Options,
  OptionValue,
  Widen,
  WidenValue,
} from "./options";
export type { ParameterInput } from "./parameters";
export { RAdam, type RAdamOptions } from "./radam";
export { createOptimizer, type OptimizerRegistry, optimizerNames, registerOptimizer } from "./registry";
export { RMSprop, type RMSpropOptions } from "./rmsprop";
export type {
  Declaration,
  Numbers,
  PointwiseRule,
  RuleNumbers,
  RuleState,
  StateNameOf,
  StateNames,
  SymbolicOption,
  SymbolicOptions,
  TensorRule,
  UpdatedValues,
  UpdateRule,
} from "./rule";
export { CosineAnnealingLR, type CosineOptions } from "./schedulers/cosine-annealing-lr";
export {
  CosineAnnealingWarmRestarts,
  type WarmRestartsOptions,
} from "./schedulers/cosine-annealing-warm-restarts";
export { CosineWarmupLR, type CosineWarmupOptions } from "./schedulers/cosine-warmup-lr";
export { CyclicLR, type CyclicOptions } from "./schedulers/cyclic-lr";
export { ExponentialLR, type ExponentialOptions } from "./schedulers/exponential-lr";
export { LambdaLR, type LambdaOptions, type LRLambda } from "./schedulers/lambda-lr";
export { LinearLR, type LinearOptions } from "./schedulers/linear-lr";
export { MultiStepLR, type MultiStepOptions } from "./schedulers/multi-step-lr";
export { OneCycleLR, type OneCycleOptions } from "./schedulers/one-cycle-lr";
export { type PlateauOptions, ReduceLROnPlateau } from "./schedulers/reduce-lr-on-plateau";
export { LRScheduler, type Schedulable, type ScheduledGroup } from "./schedulers/scheduler";
export type { SchedulerState, SchedulerValue } from "./schedulers/scheduler-state";
export { SequentialLR, type SequentialOptions } from "./schedulers/sequential-lr";
export { StepLR, type StepOptions } from "./schedulers/step-lr";
export { SWALR, type SWAOptions } from "./schedulers/swa-lr";
export { SGD, type SGDOptions } from "./sgd";
export type { OptimizerStateDict, SavedState } from "./state-dict";
