import type { Expr } from "../expr";
import type { Combine } from "./reduce-program";

/** One pass along a line: a value for each element, combined, then finished. */
export interface RowStage {
  readonly combine: Combine;
  /** Of the inputs, then the results of the stages before. */
  readonly map: Expr;
  /** Of the combined value and the number of elements. */
  readonly finish: Expr;
  /** Whether the values are kept, so that the outputs can read them: one stage at most may. */
  readonly keep?: boolean;
}

/**
 * What is computed line by line along one dimension: stage after stage, then each output, of the inputs,
 * the results of all stages, and the kept values, in this order. Softmax and normalisations are such.
 */
export class RowProgram {
  readonly name: string;
  readonly inputs: number;
  readonly stages: readonly RowStage[];
  readonly outputs: readonly Expr[];
  readonly compiled: unknown[][] = [];

  constructor(name: string, inputs: number, stages: readonly RowStage[], outputs: readonly Expr[]) {
    this.name = name;
    this.inputs = inputs;
    this.stages = stages;
    this.outputs = outputs;
  }
}
