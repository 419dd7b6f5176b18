export { Accuracy, type AccuracyOptions } from "./accuracy";
export { AUROC } from "./auroc";
export { AveragePrecision } from "./average-precision";
export type { ClassMetricOptions } from "./classes";
export { ConfusionMatrix, type ConfusionMatrixOptions } from "./confusion-matrix";
export { Mean } from "./mean";
export { Metric, type MetricState, type MetricValue } from "./metric";
export { MetricError } from "./metric-error";
export { Perplexity, type PerplexityOptions } from "./perplexity";
export {
  type Average,
  F1,
  Precision,
  type PrecisionRecallOptions,
  type PrecisionRecallResult,
  Recall,
} from "./precision-recall";
export { type Multioutput, R2, type R2Options, type R2Result } from "./r2";
export type { RankingOptions, RankingResult } from "./ranking";
export { MAE, RMSE } from "./regression";
