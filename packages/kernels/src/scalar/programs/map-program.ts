import type { Expr } from "../expr";
import { countNodes } from "../graph";
import { lower } from "../lower";

/**
 * The program of a map kernel, which computes each element of the outputs from the inputs at the same place.
 * Backends keep the kernels that they compile from it in `compiled`, so that a look-up is an array access.
 */
export class MapProgram {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: readonly Expr[];
  /** Compiled variants, filled by the backends. The first index is the number that a tier got from `newTier`. */
  readonly compiled: unknown[][] = [];
  private steps: number | undefined;

  constructor(name: string, inputs: number, outputs: readonly Expr[]) {
    this.name = name;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** The approximate number of steps for one element. */
  get weight(): number {
    this.steps ??= countNodes(lower(this.outputs));
    return this.steps;
  }

  /** Whether it only moves elements. */
  get copies(): boolean {
    return this.outputs.length === 1 && this.outputs[0]!.input === 0;
  }
}
