import { activationKinds, normKinds, positionKinds } from "./model/config";

/** What there is to learn. */
export const taskNames = ["pronounce", "names"] as const;
/** Sizes of the model. */
export const presetNames = ["tiny", "small", "base"] as const;

/** What a preset decides. */
export interface Preset {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly context: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly dropout: number;
}

export const presets: Readonly<Record<(typeof presetNames)[number], Preset>> = {
  tiny: { layers: 2, width: 64, heads: 4, context: 32, batchSize: 64, lr: 4e-3, dropout: 0 },
  small: { layers: 4, width: 128, heads: 4, context: 48, batchSize: 64, lr: 2e-3, dropout: 0.05 },
  base: { layers: 6, width: 256, heads: 8, context: 64, batchSize: 128, lr: 1e-3, dropout: 0.1 },
};

/** The settings of training; saved with it. */
export interface Settings {
  readonly task: (typeof taskNames)[number];
  readonly preset: (typeof presetNames)[number];
  readonly positions: (typeof positionKinds)[number];
  readonly norm: (typeof normKinds)[number];
  readonly activation: (typeof activationKinds)[number];
  /** Number of parts that a batch is computed in, one after another. */
  readonly accumulate: number;
  /** Whether blocks run again in `backward` instead of keeping what it needs. */
  readonly checkpoint: boolean;
  /** Number of words, or names, to take from the list; 0 for all. */
  readonly words: number;
  readonly seed: number;
}

export const defaults: Settings = {
  task: "pronounce",
  preset: "small",
  positions: "learned",
  norm: "layer",
  activation: "gelu",
  accumulate: 1,
  checkpoint: false,
  words: 0,
  seed: 0,
};

/** How long training takes: so many steps, or so many minutes. */
export type Length = { readonly steps: number } | { readonly minutes: number };

/** The length of training unless it is given. */
export const defaultLengths: Readonly<
  Record<Settings["task"], Readonly<Record<Settings["preset"], Length>>>
> = {
  pronounce: { tiny: { steps: 6000 }, small: { steps: 12_000 }, base: { steps: 24_000 } },
  names: { tiny: { steps: 1000 }, small: { steps: 1000 }, base: { steps: 1000 } },
};

type Check = (value: unknown) => boolean;

const isOneOf =
  (names: readonly string[]): Check =>
  (value) =>
    names.some((name) => name === value);
const isWhole =
  (from: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= from;

const checks: Readonly<Record<keyof Settings, Check>> = {
  task: isOneOf(taskNames),
  preset: isOneOf(presetNames),
  positions: isOneOf(positionKinds),
  norm: isOneOf(normKinds),
  activation: isOneOf(activationKinds),
  accumulate: isWhole(1),
  checkpoint: (value) => typeof value === "boolean",
  words: isWhole(0),
  seed: isWhole(0),
};

/** Whether a value from a file is the settings of a run. */
export function isSettings(value: unknown): value is Settings {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(checks).every(([name, check]) => check((value as Record<string, unknown>)[name]));
}

/** Whether a value from a file is a length. */
export function isLength(value: unknown): value is Length {
  const { steps, minutes } = Object(value) as Partial<Record<string, unknown>>;
  return isWhole(1)(steps) || (Number.isFinite(minutes) && (minutes as number) > 0);
}
