import type { Expr } from "../expr";
import type { Combine } from "./reduce-program";

/** One pass along a line: a value for each element, combined, then finished. */
export interface RowStage {
  readonly combine: Combine;
  /** The value of an element, from the inputs and then the results of the stages before. */
  readonly map: Expr;
  /** The result of the stage, from the combined value and the number of elements. */
  readonly finish: Expr;
  /** Whether the values are kept, so that the outputs can read them. At most one stage may keep its values. */
  readonly keep?: boolean;
}

/**
 * A computation on each line along one dimension, such as softmax or a normalisation. The stages run in order. Each
 * output is then computed from the inputs, the results of all stages, and the kept values, in this order.
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
