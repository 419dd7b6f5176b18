import type { MapProgram } from "@thalweg/kernels";
import { type Evaluator, evaluator, hoist, intInputs } from "@thalweg/kernels";
import type { Recorder } from "../device/recorder";
import { emit } from "./expression";
import { scalarType } from "./types";

/**
 * A map program as a function `compute` of a kernel. Inputs that are numbers are arguments of the kernel, `x<input>`.
 * Subexpressions of numbers alone are arguments `h0`, `h1`, ..., computed once for each call, in float64. The prefix,
 * if there is one, begins all of these names.
 */
export interface Compute {
  /** Name of the function. */
  readonly name: string;
  readonly text: string;
  /** The inputs that are parameters of the function, in order. */
  readonly parameters: readonly number[];
  /** The inputs that are ints. Hoisted subexpressions are counted after the inputs of the program. */
  readonly ints: ReadonlySet<number>;
  /** Arguments of the kernel, in the order in which {@link writeNumbers} writes them. */
  readonly fields: readonly string[];
  readonly hoisted: Evaluator | null;
}

export function computeOf(program: MapProgram, isNumber: (input: number) => boolean, prefix = ""): Compute {
  const { outputs, uniform } = hoist(program, isNumber);
  const inputs = Array.from({ length: program.inputs }, (_, i) => i);
  const parameters = inputs.filter((i) => !isNumber(i));
  const { statements, results } = emit(outputs, (i) => {
    if (i >= program.inputs) return `args.${prefix}h${i - program.inputs}`;
    return isNumber(i) ? `args.${prefix}x${i}` : `x${i}`;
  });
  const name = `${prefix}compute`;
  const ints = intInputs(outputs);
  const typeOf = (input: number) => scalarType(ints.has(input));
  return {
    name,
    text: `struct ${prefix}Results { ${results.map((_, k) => `y${k}: ${scalarType(outputs[k]!.isInt)}`).join(", ")} }
fn ${name}(${parameters.map((i) => `x${i}: ${typeOf(i)}`).join(", ")}) -> ${prefix}Results {
${statements}
return ${prefix}Results(${results.join(", ")});
}`,
    parameters,
    ints,
    fields: [
      ...inputs.filter(isNumber).map((i) => `${prefix}x${i}: ${typeOf(i)}`),
      ...uniform.map((_, k) => `${prefix}h${k}: ${typeOf(program.inputs + k)}`),
    ],
    hoisted: uniform.length > 0 ? evaluator(uniform, false) : null,
  };
}

/** Writes the arguments for a call with these operands. */
export function writeNumbers(
  { hoisted, ints }: Compute,
  recorder: Recorder,
  operands: readonly unknown[],
): void {
  const write = (value: number, input: number) =>
    ints.has(input) ? recorder.i32(value) : recorder.f32(value);
  for (let k = 0; k < operands.length; k++) {
    const operand = operands[k]!;
    if (typeof operand === "number") write(operand, k);
  }
  if (hoisted === null) return;
  const values = hoisted(operands.map((operand) => (typeof operand === "number" ? operand : 0)));
  for (let k = 0; k < values.length; k++) write(values[k]!, operands.length + k);
}
