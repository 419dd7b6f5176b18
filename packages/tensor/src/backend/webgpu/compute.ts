import { type Evaluator, evaluator } from "../../scalar/evaluate";
import { hoist } from "../../scalar/hoist";
import type { MapProgram } from "../../scalar/program";
import type { Operand } from "../backend";
import type { Recorder } from "./recorder";
import { say } from "./wgsl/expression";

/**
 * A map program as a function `compute` of a kernel. Numbers are arguments of the kernel, `x<input>`, and
 * so is what depends on numbers alone, `h0`, `h1`, ...: that is computed once a call, in float64.
 */
export interface Compute {
  readonly text: string;
  /** The inputs that are parameters, in this order. */
  readonly parameters: readonly number[];
  /** Arguments of the kernel, in the order in which {@link writeNumbers} writes them. */
  readonly fields: readonly string[];
  readonly hoisted: Evaluator | null;
}

export function computeOf(program: MapProgram, isNumber: (input: number) => boolean): Compute {
  const { outputs, uniform } = hoist(program, isNumber);
  const inputs = Array.from({ length: program.inputs }, (_, i) => i);
  const parameters = inputs.filter((i) => !isNumber(i));
  const { statements, results } = say(outputs, (i) => {
    if (i >= program.inputs) return `args.h${i - program.inputs}`;
    return isNumber(i) ? `args.x${i}` : `x${i}`;
  });
  return {
    text: `struct Results { ${results.map((_, k) => `y${k}: f32`).join(", ")} }
fn compute(${parameters.map((i) => `x${i}: f32`).join(", ")}) -> Results {
${statements}
return Results(${results.join(", ")});
}`,
    parameters,
    fields: [...inputs.filter(isNumber).map((i) => `x${i}: f32`), ...uniform.map((_, k) => `h${k}: f32`)],
    hoisted: uniform.length > 0 ? evaluator(uniform, false) : null,
  };
}

/** The arguments of a call with these operands. */
export function writeNumbers({ hoisted }: Compute, recorder: Recorder, operands: readonly Operand[]): void {
  for (let k = 0; k < operands.length; k++) {
    const operand = operands[k]!;
    if (typeof operand === "number") recorder.f32(operand);
  }
  if (hoisted === null) return;
  const values = hoisted(operands.map((operand) => (typeof operand === "number" ? operand : 0)));
  for (let k = 0; k < values.length; k++) recorder.f32(values[k]!);
}
