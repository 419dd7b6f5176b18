import type { Expr } from "../expr";
import { countNodes } from "../graph";
import { lower } from "../lower";

/**
 * What one map kernel computes: each output, one element at a time, from the inputs at the same place.
 * Backends keep the kernels they render from it in `compiled`, so that a lookup is an array access.
 */
export class MapProgram {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: readonly Expr[];
  /** Rendered variants, filled by the backends; the first index is the number a tier drew with `newTier`. */
  readonly compiled: unknown[][] = [];
  private steps: number | undefined;

  constructor(name: string, inputs: number, outputs: readonly Expr[]) {
    this.name = name;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** Steps of one element, about. */
  get weight(): number {
    this.steps ??= countNodes(lower(this.outputs));
    return this.steps;
  }

  /** Whether it only moves elements. */
  get copies(): boolean {
    return this.outputs.length === 1 && this.outputs[0]!.input === 0;
  }
}
