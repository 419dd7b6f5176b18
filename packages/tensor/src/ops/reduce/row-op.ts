import { type RowProgram, runRows, trace } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { kernelOp } from "../define-op";
import type { GradientCall, Op } from "../op";
import type { ErrorSample } from "../sample";

/** The dimension along which rows lie. */
export interface Along {
  readonly dim: number;
}

interface Described {
  readonly program: RowProgram;
  /** Gradients of the inputs from that of the result, of the inputs or the result, whichever is saved. */
  readonly gradient: (call: GradientCall<Along>) => readonly (Tensor | null)[];
  readonly saves: "inputs" | "output";
  readonly errors?: readonly ErrorSample[];
}

/** Makes the record of an operation of tensors of one shape, row by row. */
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

/** A combined value as it is. */
export const itself = trace(2, (value) => value);
