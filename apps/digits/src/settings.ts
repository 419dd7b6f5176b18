/** The kinds of networks. */
export const modelNames = ["mlp", "cnn"] as const;
export type ModelName = (typeof modelNames)[number];

/** Numbers of images to train and to test with. */
export const counts = { train: 8000, test: 2000 };

/** The settings of training; saved with it. */
export interface Settings {
  readonly model: ModelName;
  readonly optimizer: string;
  readonly lr: number;
  /** The factor of the rate after each epoch. */
  readonly decay: number;
  readonly batchSize: number;
  /** Number of training images. */
  readonly images: number;
  readonly seed: number;
}

export const defaults: Settings = {
  model: "mlp",
  optimizer: "adam",
  lr: 2e-3,
  decay: 0.8,
  batchSize: 64,
  images: counts.train,
  seed: 0,
};

/** The number of epochs that each model needs. */
export const defaultEpochs: Readonly<Record<ModelName, number>> = { mlp: 15, cnn: 10 };

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isPositive: Check = (value) => Number.isFinite(value) && (value as number) > 0;
const isWhole = (from: number, to = Number.MAX_SAFE_INTEGER): Check => {
  return (value) => Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;
};

const checks: Readonly<Record<keyof Settings, Check>> = {
  model: (value) => modelNames.some((name) => name === value),
  optimizer: isText,
  lr: isPositive,
  decay: isPositive,
  batchSize: isWhole(1),
  images: isWhole(1, counts.train),
  seed: isWhole(0),
};

/** Whether a value from a file is the settings of a run. */
export function isSettings(value: unknown): value is Settings {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(checks).every(([name, check]) => check((value as Record<string, unknown>)[name]));
}
