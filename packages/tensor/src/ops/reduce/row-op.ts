import { type RowProgram, runRows, trace } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { kernelOp } from "../define-op";
import type { GradientCall, Op } from "../op";
import type { ErrorSample } from "../sample";

/** The dimension of the rows. */
export interface Along {
  readonly dim: number;
}

interface Described {
  readonly program: RowProgram;
  /** Gradient rule. It reads the inputs or the result, whichever `saves` names. */
  readonly gradient: (call: GradientCall<Along>) => readonly (Tensor | null)[];
  readonly saves: "inputs" | "output";
  readonly errors?: readonly ErrorSample[];
}

/** Makes the record of a row program on tensors of the same shape. */
export function rowOp({ program, gradient, saves, errors = [] }: Described): Op<Along> {
  return kernelOp<Along>({
    name: program.name,
    kind: "reduce",
    shape: ([shape]) => shape!,
    saves: saves === "inputs" ? { inputs: "all" } : { output: true },
    run: (backend, out, inputs, { dim }) => runRows(backend, program, [out], inputs, dim),
    gradient,
    sample(draw) {
      const shape = draw.shape(1, 3);
      const inputs = Array.from({ length: program.inputs }, () => ({ shape }));
      return { inputs, attrs: { dim: draw.int(0, shape.length - 1) } };
    },
    errors,
  });
}

/** Returns a combined value unchanged. */
export const itself = trace(2, (value) => value);
