import { internal } from "../../../errors";
import { collapse, forEachOuter, type Loops } from "../../../layout/collapse";
import type { Layout } from "../../../layout/layout";
import type { Expr } from "../../../scalar/expr";
import { type Evaluator, evaluator } from "../../../scalar/evaluate";
import { type MapProgram, newTier } from "../../../scalar/program";
import type { Operand, View } from "../../backend";
import { arrayOf, type CpuArray } from "../memory";
import { canGenerateCode } from "./generate";
import { Access, compile, renderBody, uniformExpressions } from "./render";

/**
 * `(n, hoisted, ...outputs, ...inputs)`; an output is `array, position, step`; an input is a number, or
 * `array, position` when single or dense, or `array, position, step` when strided.
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
  const uniform = uniformExpressions(program.outputs, access);
  const hoisted = new Map<Expr, string>(uniform.map((expr, k) => [expr, `c${k}`]));
  const parameters = ["n", "u"];
  let head = uniform.map((_, k) => `const c${k}=f(u[${k}]);`).join("");
  program.outputs.forEach((_, k) => {
    parameters.push(`o${k}`, `p${k}`, `s${k}`);
  });
  access.forEach((kind, i) => {
    parameters.push(`x${i}`);
    if (kind !== Access.number) parameters.push(`q${i}`);
    if (kind === Access.strided) parameters.push(`d${i}`);
    if (kind === Access.number) head += `const v${i}=f(x${i});`;
    if (kind === Access.single) head += `const v${i}=x${i}[q${i}];`;
  });
  const leaf = (i: number) => {
    if (access[i] === Access.dense) return `x${i}[q${i}+i]`;
    return access[i] === Access.strided ? `x${i}[q${i}+i*d${i}]` : `v${i}`;
  };
  const { statements, results } = renderBody(program.outputs, leaf, hoisted);
  const stores = results.map((text, k) => `o${k}[p${k}+${dense ? "i" : `i*s${k}`}]=${text};`).join("");
  const kernel = compile<Kernel>(parameters, `${head}for(let i=0;i<n;i++){${statements}${stores}}`);
  return { kernel, hoisted: uniform.length > 0 ? evaluator(uniform, false) : undefined };
}

/** The same kernel without generated code: about ten times slower, equal bit for bit. */
function interpret(program: MapProgram, access: readonly Access[]): Variant {
  const uniform = uniformExpressions(program.outputs, access);
  const evaluate = evaluator(program.outputs, true, uniform);
  const outputs = program.outputs.length;
  const kernel: Kernel = (n, hoisted, ...operands) => {
    const values = new Float64Array(access.length + uniform.length);
    const reads: { input: number; array: CpuArray; position: number; step: number }[] = [];
    let next = 3 * outputs;
    access.forEach((kind, input) => {
      const operand = operands[next++];
      if (kind === Access.number) {
        values[input] = operand as number;
        return;
      }
      const position = operands[next++] as number;
      const step = kind === Access.single ? 0 : kind === Access.dense ? 1 : (operands[next++] as number);
      reads.push({ input, array: operand as CpuArray, position, step });
    });
    if (hoisted !== undefined) values.set(hoisted, access.length);
    for (let i = 0; i < n; i++) {
      for (const { input, array, position, step } of reads) values[input] = array[position + i * step]!;
      const results = evaluate(values);
      for (let k = 0; k < outputs; k++) {
        const [array, position, step] = operands.slice(3 * k, 3 * k + 3) as [CpuArray, number, number];
        array[position + i * step] = results[k]!;
      }
    }
  };
  return { kernel, hoisted: uniform.length > 0 ? evaluator(uniform, false) : undefined };
}

/** Numbers of a call for the expressions that are uniform; other inputs read as 0 and are not used. */
function hoist(variant: Variant, inputs: readonly Operand[]): Float64Array | undefined {
  return variant.hoisted?.(inputs.map((input) => (typeof input === "number" ? input : 0)));
}

/** A map kernel over float32 arrays. */
export function map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
  const n = outputs[0]!.layout.size;
  if (n === 0) return;
  let key = 0;
  let flat = true;
  for (let k = 0; k < outputs.length; k++) if (!outputs[k]!.layout.isContiguous) flat = false;
  for (let i = 0; flat && i < inputs.length; i++) {
    const input = inputs[i]!;
    if (typeof input === "number") continue;
    if (input.layout.isContiguous && input.layout.size === n && n > 1) key |= Access.dense << (2 * i + 1);
    else if (input.layout.isConstant) key |= Access.single << (2 * i + 1);
    else flat = false;
  }
  if (flat) runFlat(variantOf(program, key), n, outputs, inputs);
  else runStrided(program, outputs, inputs);
}

function runFlat(variant: Variant, n: number, outputs: readonly View[], inputs: readonly Operand[]): void {
  const u = variant.hoisted === undefined ? undefined : hoist(variant, inputs);
  const operands: unknown[] = [];
  for (const { storage, layout } of outputs) operands.push(storage.data, layout.offset, 1);
  for (const input of inputs) {
    if (typeof input === "number") operands.push(input);
    else operands.push(input.storage.data, input.layout.offset);
  }
  variant.kernel(n, u, ...operands);
}

function runStrided(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
  const views = inputs.filter((input): input is View => typeof input === "object");
  const layouts: Layout[] = [...outputs, ...views].map((view) => view.layout);
  const loops: Loops = collapse(outputs[0]!.layout.shape, layouts);
  const n = loops.extents.at(-1) ?? 1;
  const steps = loops.strides.map((strides) => strides.at(-1) ?? 0);
  let key = outputs.some((_, k) => steps[k] !== 1) ? 1 : 0;
  let at = outputs.length;
  inputs.forEach((input, i) => {
    if (typeof input === "number") return;
    const step = steps[at++]!;
    key |= (step === 1 ? Access.dense : step === 0 ? Access.single : Access.strided) << (2 * i + 1);
  });
  const variant = variantOf(program, key);
  const u = hoist(variant, inputs);
  // The operands of one call, and where among them the positions stand.
  const operands: unknown[] = [];
  const places: number[] = [];
  outputs.forEach((view, k) => {
    operands.push(arrayOf(view), 0, steps[k]);
    places.push(operands.length - 2);
  });
  at = outputs.length;
  for (const input of inputs) {
    if (typeof input === "number") {
      operands.push(input);
      continue;
    }
    operands.push(arrayOf(input), 0);
    places.push(operands.length - 1);
    const step = steps[at++]!;
    if (step !== 0 && step !== 1) operands.push(step);
  }
  if (places.length !== loops.offsets.length) throw internal("map operands and loops disagree");
  forEachOuter(loops, 1, (positions) => {
    for (let k = 0; k < places.length; k++) operands[places[k]!] = positions[k];
    variant.kernel(n, u, ...operands);
  });
}
