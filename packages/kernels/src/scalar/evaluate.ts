import type { Expr } from "./expr";
import { topological } from "./graph";
import { lower } from "./lower";

/** Evaluates expressions for one element; the array of results is reused between calls. */
export type Evaluator = (inputs: ArrayLike<number>) => Float64Array;

/** An int32, which has no -0. */
const whole = (x: number) => x | 0;

/**
 * Interprets expressions with a small register machine, which computes shared subexpressions once. With `round`,
 * expressions are lowered and rounded to float32 as in generated kernels. Without it, the results are the float64
 * definition.
 */
export function evaluator(outputs: readonly Expr[], round: boolean): Evaluator {
  const roots = round ? lower(outputs) : outputs;
  const nodes = topological(roots);
  const place = new Map(nodes.map((node, i) => [node, i]));
  // The second half of the registers holds the constants again, without rounding.
  const registers = new Float64Array(2 * nodes.length);
  const results = new Float64Array(roots.length);
  const steps: ((inputs: ArrayLike<number>) => void)[] = [];
  nodes.forEach((node, i) => {
    const { primitive } = node;
    const same = (x: number) => x;
    const fit = node.isInt ? whole : round && !primitive?.wide ? Math.fround : same;
    if (primitive === null) {
      registers[i + nodes.length] = node.value;
      if (node.input < 0) registers[i] = fit(node.value);
      else steps.push((inputs) => void (registers[i] = fit(inputs[node.input]!)));
      return;
    }
    const { evaluate } = primitive;
    const [a, b, c] = node.args.map((arg, k) => {
      const isWide = arg.isConstant && primitive.wideArgs?.[k];
      return place.get(arg)! + (isWide ? nodes.length : 0);
    }) as [number, number, number];
    if (primitive.arity === 1) steps.push(() => void (registers[i] = fit(evaluate(registers[a]!))));
    else if (primitive.arity === 2) {
      steps.push(() => void (registers[i] = fit(evaluate(registers[a]!, registers[b]!))));
    } else steps.push(() => void (registers[i] = fit(evaluate(registers[a]!, registers[b]!, registers[c]!))));
  });
  const from = roots.map((root) => place.get(root)!);
  return (inputs) => {
    for (let s = 0; s < steps.length; s++) steps[s]!(inputs);
    for (let k = 0; k < from.length; k++) results[k] = registers[from[k]!]!;
    return results;
  };
}
