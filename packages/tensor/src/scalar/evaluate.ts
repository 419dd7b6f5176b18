import { reachable } from "./derive";
import type { Expr } from "./expr";

/** Evaluates expressions for one element; the array of results is reused between calls. */
export type Evaluator = (inputs: ArrayLike<number>) => Float64Array;

/**
 * Interprets expressions with a small register machine, shared subexpressions once. With `round`, every
 * node is rounded to float32 as rendered kernels do it; without, it is the float64 definition.
 * The values of `known` expressions are read from the end of the inputs.
 */
export function evaluator(outputs: readonly Expr[], round: boolean, known: readonly Expr[] = []): Evaluator {
  const nodes = [...new Set(outputs.flatMap(reachable))].sort((a, b) => a.id - b.id);
  const place = new Map(nodes.map((node, i) => [node, i]));
  const registers = new Float64Array(nodes.length);
  const results = new Float64Array(outputs.length);
  const fit = round ? Math.fround : (x: number) => x;
  const steps: ((inputs: ArrayLike<number>) => void)[] = [];
  nodes.forEach((node, i) => {
    const { primitive } = node;
    const given = known.indexOf(node);
    if (given >= 0) {
      steps.push((inputs) => void (registers[i] = fit(inputs[inputs.length - known.length + given]!)));
      return;
    }
    if (primitive === null) {
      if (node.input < 0) registers[i] = fit(node.value);
      else steps.push((inputs) => void (registers[i] = fit(inputs[node.input]!)));
      return;
    }
    const { evaluate } = primitive;
    const [a, b, c] = node.args.map((arg) => place.get(arg)!) as [number, number, number];
    if (primitive.arity === 1) steps.push(() => void (registers[i] = fit(evaluate(registers[a]!))));
    else if (primitive.arity === 2) {
      steps.push(() => void (registers[i] = fit(evaluate(registers[a]!, registers[b]!))));
    } else steps.push(() => void (registers[i] = fit(evaluate(registers[a]!, registers[b]!, registers[c]!))));
  });
  const from = outputs.map((output) => place.get(output)!);
  return (inputs) => {
    for (let s = 0; s < steps.length; s++) steps[s]!(inputs);
    for (let k = 0; k < from.length; k++) results[k] = registers[from[k]!]!;
    return results;
  };
}
