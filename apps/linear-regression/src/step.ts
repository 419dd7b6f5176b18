import type { Tensor } from "thalweg";

/** The state after one step of training. */
export interface Step {
  /** Mean squared error of the batch, before the update. */
  readonly loss: number;
  /** Number of rows in the batch. */
  readonly rows: number;
  /** The weights after the update; their `grad` is the gradient that led to it. */
  readonly w: Tensor;
  /** The bias after the update. */
  readonly b: Tensor;
}

/** Inputs [rows, columns] and targets [rows, 1], iterated once an epoch. */
export type Batches = Iterable<readonly [x: Tensor, y: Tensor]>;
