import type { EpochResult, History } from "./history";
import type { Metrics } from "./measures";
import type { Trainer } from "./trainer";

/** A moment of training: a callback may save the trainer, and end training. */
export interface Moment {
  /** Its `stateDict()` is the state of the whole run, for `saveCheckpoint({ trainer })`. */
  readonly trainer: Pick<Trainer, "stateDict" | "loadStateDict" | "prepareLoad">;
  /** Number of the epoch, from 1 on. */
  readonly epoch: number;
  /** Number of epochs in all. */
  readonly epochs: number;
  /** Number of steps of the optimizer so far. */
  readonly step: number;
  /** Ends training after this moment. */
  stop(): void;
}

/** The moment after a step of the optimizer. */
export interface StepMoment extends Moment {
  /** Number of batches of the epoch so far. */
  readonly batch: number;
  /** Number of batches of an epoch; null if the data do not tell. */
  readonly batches: number | null;
  /** The mean loss of the rows of this step. */
  readonly loss: number;
  /** Rate of the optimizer's first group in this step. */
  readonly lr: number;
}

/** The moment after an epoch. */
export interface EpochMoment<M extends Metrics = Metrics> extends Moment {
  readonly result: EpochResult<M>;
  /** Whether the monitored number is the best so far. */
  readonly isBest: boolean;
}

/** Functions that are called while training; training waits for their promises. */
export interface Callback<M extends Metrics = Metrics> {
  /** Called after each step of the optimizer. The loss is read for it, for which a GPU has to be waited for. */
  onStep?(moment: StepMoment): unknown;
  /** Called after each epoch. */
  onEpochEnd?(moment: EpochMoment<M>): unknown;
  /** Called after each epoch that is the best so far, before `onEpochEnd`. */
  onBest?(moment: EpochMoment<M>): unknown;
  /** Called when training ends, in whatever way, except by an error. */
  onEnd?(history: History<M>): unknown;
}

/**
 * Writes a line of text after each epoch: its number, and all numbers that were measured.
 *
 * @param write called with the line, without its end; `console.log` unless given
 */
export function epochLines(write: (line: string) => unknown = console.log): Callback {
  return {
    onEpochEnd: ({ epoch, epochs, result, isBest }) => {
      const numbers = [...columnsOf(result)].filter(([name]) => !["epoch", "step", "lr"].includes(name));
      const texts = numbers.map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
      return write(`epoch ${epoch}/${epochs}: ${texts.join(", ")}${isBest ? " (best)" : ""}`);
    },
  };
}

/**
 * Writes the numbers of each epoch as a row of CSV, after a row with their names. Results that are not numbers, such as confusion
 * matrices, are left out.
 *
 * @param write called with a row, with its end: appends it to a file, for instance
 * @example
 * let csv = "";
 * const logger = csvLogger((row) => {
 *   csv += row;
 * });
 * const model = new Linear(1, 1);
 * const optimizer = new SGD(model.parameters(), { lr: 0 });
 * await fit({ model, optimizer, loss: mseLoss, data: [[ones([2, 1]), ones([2, 1])]], epochs: 2, callbacks: [logger] });
 * csv.split("\n")[0]; // → "epoch,step,lr,loss"
 */
export function csvLogger(write: (row: string) => unknown): Callback {
  let hasHeader = false;
  return {
    async onEpochEnd({ result }) {
      const columns = columnsOf(result);
      if (!hasHeader && result.epoch === 1) await write(`${[...columns.keys()].join(",")}\n`);
      hasHeader = true;
      await write(`${[...columns.values()].join(",")}\n`);
    },
  };
}

/** The numbers of an epoch by name; those of validation begin with `validation `. */
function columnsOf({ epoch, step, lr, train, validation = {} as never }: EpochResult): Map<string, number> {
  const entries = [
    ...Object.entries({ epoch, step, lr, ...train }),
    ...Object.entries(validation).map(([name, value]) => [`validation ${name}`, value] as const),
  ];
  return new Map(entries.filter((entry): entry is [string, number] => typeof entry[1] === "number"));
}
