export { type Collated, collate } from "./collate";
export { CsvError, type CsvPlace } from "./csv-error";
export { CsvTable } from "./csv-table";
export { DataError } from "./data-error";
export { DataLoader, type DataLoaderOptions } from "./data-loader";
export type { Dataset } from "./dataset";
export { randomSplit, Subset } from "./random-split";
export { type ReadCsvOptions, readCsv } from "./read-csv";
export { TensorDataset } from "./tensor-dataset";
