export type { AdvanceOptions, OptimizerStep, StepResult, TrainableOptimizer } from "./advance";
export {
  AveragedWeights,
  type AveragedWeightsOptions,
  type AveragedWeightsState,
  updateBatchNorm,
} from "./averaged-weights";
export type { BestEpoch, BestState } from "./best";
export {
  type Callback,
  csvLogger,
  type EpochMoment,
  epochLines,
  type Moment,
  type StepMoment,
} from "./callback";
export { type Batches, type EvaluateOptions, evaluate } from "./evaluate";
export { fit } from "./fit";
export type { EndReason, EpochResult, History } from "./history";
export { type LrFinderOptions, type LrFinderResult, lrFinder } from "./lr-finder";
export type { EpochMetric, Gather, Measured, Metrics } from "./measures";
export type { Objective, Outcome } from "./outcome";
export { type LayerSummary, type ModelSummary, type SummaryInput, summary } from "./summary";
export { TrainError } from "./train-error";
export { type Scheduler, Trainer, type TrainerOptions, type TrainerState } from "./trainer";
