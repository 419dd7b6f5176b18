import type { BestEpoch } from "./best";
import type { Measured, Metrics } from "./measures";

/** The numbers of an epoch. */
export interface EpochResult<M extends Metrics = Metrics> {
  /** Number of the epoch, from 1 on. */
  readonly epoch: number;
  /** Number of steps of the optimizer so far. */
  readonly step: number;
  /** Rate of the optimizer's first group in the last step. */
  readonly lr: number;
  /** What was measured while training, each batch before its step. */
  readonly train: Measured<M>;
  /** What was measured afterwards on the data for validation; left out if there are none. */
  readonly validation?: Measured<M>;
}

/** Why training ended: after all epochs, without an improvement, by a callback, or by a signal. */
export type EndReason = "epochs" | "patience" | "callback" | "signal";

/** What training was like. */
export interface History<M extends Metrics = Metrics> {
  /** All epochs in their order, those before resuming included. */
  readonly epochs: readonly EpochResult<M>[];
  /** The epoch with the best monitored number; null if there is none. */
  readonly best: BestEpoch | null;
  readonly reason: EndReason;
}
