import { collapse, forEachOuter, type Loops } from "../../../layout/collapse";
import type { Layout } from "../../../layout/layout";
import { type Evaluator, evaluator } from "../../../scalar/evaluate";
import { type MapProgram, newTier } from "../../../scalar/program";
import type { Operand, View } from "../../backend";
import { arrayOf, type CpuArray } from "../storage";
import { canGenerateCode } from "./generate";
import { Access, compile, hoistUniform, renderBody } from "./render";

/**
 * `(n, hoisted, ...operands)`, outputs before inputs, each as `array, position, step`. A number stands in
 * the place of its array.
 */
type Kernel = (n: number, hoisted: Float64Array | undefined, ...operands: unknown[]) => void;

interface Variant {
  readonly kernel: Kernel;
  readonly hoisted: Evaluator | undefined;
}

const generated = newTier();
const interpreted = newTier();

/** Variant numbers: whether the outputs are dense, then two bits for each input. */
function variantOf(program: MapProgram, key: number): Variant {
  const tier = canGenerateCode() ? generated : interpreted;
  program.compiled[tier] ??= [];
  const variants = program.compiled[tier] as Variant[];
  let variant = variants[key];
  if (variant === undefined) {
    const access = Array.from({ length: program.inputs }, (_, i) => ((key >> (2 * i + 1)) & 3) as Access);
    const dense = (key & 1) === 0;
    variant = tier === generated ? render(program, access, dense) : interpret(program, access);
    variants[key] = variant;
  }
  return variant;
}

function render(program: MapProgram, access: readonly Access[], dense: boolean): Variant {
  const { outputs, uniform } = hoistUniform(program, access);
  const parameters = ["n", "u"];
  let head = uniform.map((_, k) => `const c${k}=f(u[${k}]);`).join("");
  program.outputs.forEach((_, k) => {
    parameters.push(`o${k}`, `p${k}`, `s${k}`);
  });
  access.forEach((kind, i) => {
    parameters.push(`x${i}`, `q${i}`, `d${i}`);
    if (kind === Access.number) head += `const v${i}=f(x${i});`;
    if (kind === Access.single) head += `const v${i}=x${i}[q${i}];`;
  });
  const leaf = (i: number) => {
    if (access[i] === Access.dense) return `x${i}[q${i}+i]`;
    if (access[i] === Access.strided) return `x${i}[q${i}+i*d${i}]`;
    return i < access.length ? `v${i}` : `c${i - access.length}`;
  };
  const { statements, results } = renderBody(outputs, leaf);
  const stores = results.map((text, k) => `o${k}[p${k}+${dense ? "i" : `i*s${k}`}]=${text};`).join("");
  const kernel = compile<Kernel>(parameters, `${head}for(let i=0;i<n;i++){${statements}${stores}}`);
  return { kernel, hoisted: uniform.length > 0 ? evaluator(uniform, false) : undefined };
}

/** The same kernel without generated code: about ten times slower, equal bit for bit. */
function interpret(program: MapProgram, access: readonly Access[]): Variant {
  const { outputs: expressions, uniform } = hoistUniform(program, access);
  const evaluate = evaluator(expressions, true);
  const outputs = expressions.length;
  const inputs = access.map((kind, input) => ({ kind, at: 3 * (outputs + input) }));
  const values = new Float64Array(access.length + uniform.length);
  const kernel: Kernel = (n, hoisted, ...operands) => {
    if (hoisted !== undefined) values.set(hoisted, access.length);
    for (let i = 0; i < n; i++) {
      inputs.forEach(({ kind, at }, input) => {
        const [array, position, step] = operands.slice(at, at + 3) as [CpuArray, number, number];
        const moved = kind === Access.strided ? i * step : kind === Access.dense ? i : 0;
        values[input] = kind === Access.number ? (array as unknown as number) : array[position + moved]!;
      });
      evaluate(values).forEach((result, k) => {
        const [array, position, step] = operands.slice(3 * k, 3 * k + 3) as [CpuArray, number, number];
        array[position + i * step] = result;
      });
    }
  };
  return { kernel, hoisted: uniform.length > 0 ? evaluator(uniform, false) : undefined };
}

/** Numbers of a call for the expressions that are uniform; other inputs read as 0 and are not used. */
function hoist(variant: Variant, inputs: readonly Operand[]): Float64Array | undefined {
  return variant.hoisted?.(inputs.map((input) => (typeof input === "number" ? input : 0)));
}

/** How a kernel over n elements in a row comes by an input, or -1 where there is more than one row. */
function accessOf(input: Operand, n: number): Access | -1 {
  if (typeof input === "number") return Access.number;
  const { layout } = input;
  if (layout.size === n && n > 1 && layout.isContiguous) return Access.dense;
  return layout.isConstant ? Access.single : -1;
}

/** A map kernel over float32 arrays. */
export function map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
  const first = outputs[0]!;
  const n = first.layout.size;
  if (n === 0) return;
  let key = 0;
  for (let i = 0; i < inputs.length; i++) {
    const access = accessOf(inputs[i]!, n);
    if (access < 0) {
      runStrided(program, outputs, inputs);
      return;
    }
    key |= access << (2 * i + 1);
  }
  for (let k = 0; k < outputs.length; k++) {
    if (!outputs[k]!.layout.isContiguous) {
      runStrided(program, outputs, inputs);
      return;
    }
  }
  const variant = variantOf(program, key);
  const { kernel } = variant;
  const u = variant.hoisted === undefined ? undefined : hoist(variant, inputs);
  // Spelled out for the calls that matter: spreading costs more than a small kernel.
  if (outputs.length === 1 && inputs.length <= 2) {
    const [a, b] = inputs as [Operand, Operand | undefined];
    const to = arrayOf(first);
    const at = first.layout.offset;
    if (b === undefined) kernel(n, u, to, at, 1, dataOf(a), offsetOf(a), 1);
    else kernel(n, u, to, at, 1, dataOf(a), offsetOf(a), 1, dataOf(b), offsetOf(b), 1);
    return;
  }
  const operands: unknown[] = [];
  for (const output of outputs) operands.push(arrayOf(output), output.layout.offset, 1);
  for (const input of inputs) operands.push(dataOf(input), offsetOf(input), 1);
  kernel(n, u, ...operands);
}

function dataOf(input: Operand): unknown {
  return typeof input === "number" ? input : arrayOf(input);
}

function offsetOf(input: Operand): number {
  return typeof input === "number" ? 0 : input.layout.offset;
}

function runStrided(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
  const views = inputs.filter((input): input is View => typeof input === "object");
  const layouts: Layout[] = [...outputs, ...views].map((view) => view.layout);
  const loops: Loops = collapse(outputs[0]!.layout.shape, layouts);
  const n = loops.extents.at(-1) ?? 1;
  // The operands of one call, and for each loop operand where among them its position stands.
  const operands: unknown[] = [];
  const places: number[] = [];
  const push = (view: View): number => {
    const step = loops.strides[places.length]!.at(-1) ?? 0;
    places.push(operands.length + 1);
    operands.push(arrayOf(view), 0, step);
    return step;
  };
  let key = 0;
  for (const output of outputs) if (push(output) !== 1) key = 1;
  inputs.forEach((input, i) => {
    if (typeof input === "number") {
      operands.push(input, 0, 0);
      return;
    }
    const step = push(input);
    key |= (step === 1 ? Access.dense : step === 0 ? Access.single : Access.strided) << (2 * i + 1);
  });
  const variant = variantOf(program, key);
  const u = hoist(variant, inputs);
  forEachOuter(loops, 1, (positions) => {
    for (let k = 0; k < places.length; k++) operands[places[k]!] = positions[k];
    variant.kernel(n, u, ...operands);
  });
}
