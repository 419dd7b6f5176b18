export { type Collated, collate, type NumericArray } from "./collate";
export { ConcatDataset } from "./concat-dataset";
export type { MissingRule } from "./csv-column";
export { CsvError, type CsvPlace } from "./csv-error";
export { CsvTable } from "./csv-table";
export { DataError } from "./data-error";
export { DataLoader, type DataLoaderOptions } from "./data-loader";
export type { DataLoaderState, EpochState } from "./data-loader-state";
export type { Dataset } from "./dataset";
export {
  type ColumnPart,
  ColumnTransformer,
  type ColumnTransformerOptions,
  type ColumnTransformerState,
} from "./preprocessing/column-transformer";
export { ColumnwisePreprocessor, type PreprocessorState } from "./preprocessing/columnwise";
export { MinMaxScaler, type MinMaxScalerOptions } from "./preprocessing/min-max-scaler";
export { OneHotEncoder, type OneHotEncoderOptions } from "./preprocessing/one-hot-encoder";
export { OrdinalEncoder, type OrdinalEncoderOptions } from "./preprocessing/ordinal-encoder";
export { Pipeline, type PipelineState } from "./preprocessing/pipeline";
export type { Preprocessor } from "./preprocessing/preprocessor";
export type { SavedNumber } from "./preprocessing/saved";
export {
  type ImputerStrategy,
  SimpleImputer,
  type SimpleImputerOptions,
} from "./preprocessing/simple-imputer";
export { StandardScaler, type StandardScalerOptions } from "./preprocessing/standard-scaler";
export { type RandomSplitOptions, randomSplit, Subset } from "./random-split";
export { type ReadCsvOptions, readCsv } from "./read-csv";
export { readIdx } from "./read-idx";
export { type Sampler, WeightedRandomSampler, type WeightedRandomSamplerOptions } from "./sampler";
export {
  type FoldOptions,
  type FoldParts,
  kFold,
  type Labels,
  stratifiedKFold,
  stratifiedSplit,
} from "./stratified";
export { TensorDataset } from "./tensor-dataset";
