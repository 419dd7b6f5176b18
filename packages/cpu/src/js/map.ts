import type { Layout, Operand, View } from "@thalweg/kernels";
import {
  collapse,
  type Evaluator,
  evaluator,
  forEachOuter,
  intInputs,
  type Loops,
  type MapProgram,
  newTier,
} from "@thalweg/kernels";
import { Access, accessOf, hoistUniform } from "../access";
import { interpretMap } from "../interpret";
import { arrayOf } from "../storage";
import { maxAccesses, nextKey, readKey, variantOf } from "../variants";
import { compile, emit } from "./emit";
import { canGenerateCode } from "./generate";

/**
 * A kernel for a row of n elements: `(n, hoisted, ...operands)`, outputs before inputs, each as `array, position, step`.
 * For a number, the number takes the place of the array.
 */
type Row = (n: number, hoisted: Float64Array | undefined, ...operands: unknown[]) => void;

/** A kernel for all n elements, with operands that are dense, a single element, or a number. */
type Whole = (
  n: number,
  hoisted: Float64Array | undefined,
  outputs: readonly View[],
  inputs: readonly Operand[],
) => void;

interface Variant<Kernel> {
  readonly kernel: Kernel;
  readonly hoisted: Evaluator | undefined;
}

/** The tables of a program's variants. */
const [rows, wholes, interpreted] = [newTier(), newTier(), newTier()];

/** The start of a key, which says how the outputs are written. */
const start = { dense: 0, strided: 1 } as const;

const emitRow = (program: MapProgram, key: number) => emitMap<Row>(program, key, false);
const emitWhole = (program: MapProgram, key: number) => emitMap<Whole>(program, key, true);

function emitMap<Kernel>(program: MapProgram, key: number, whole: boolean): Variant<Kernel> {
  const { start: from, accesses: access } = readKey(key, program.inputs);
  const dense = from === start.dense;
  const { outputs: expressions, uniform } = hoistUniform(program, access);
  const parameters = whole ? ["n", "u", "O", "I"] : ["n", "u"];
  const ints = intInputs(expressions);
  let head = uniform
    .map(({ isInt }, k) => (isInt ? `const c${k}=u[${k}];` : `const c${k}=f(u[${k}]);`))
    .join("");
  program.outputs.forEach((_, k) => {
    if (whole) head += `const o${k}=O[${k}].storage.array,p${k}=O[${k}].layout.offset;`;
    else parameters.push(`o${k}`, `p${k}`, `s${k}`);
  });
  access.forEach((kind, i) => {
    if (!whole) parameters.push(`x${i}`, `q${i}`, `d${i}`);
    else if (kind === Access.number) head += `const x${i}=I[${i}];`;
    else head += `const x${i}=I[${i}].storage.array,q${i}=I[${i}].layout.offset;`;
    if (kind === Access.number) head += `const v${i}=${ints.has(i) ? `x${i}|0` : `f(x${i})`};`;
    if (kind === Access.single) head += `const v${i}=x${i}[q${i}];`;
  });
  const leaf = (i: number) => {
    if (access[i] === Access.dense) return `x${i}[q${i}+i]`;
    if (access[i] === Access.strided) return `x${i}[q${i}+i*d${i}]`;
    return i < access.length ? `v${i}` : `c${i - access.length}`;
  };
  const { statements, results } = emit(expressions, leaf);
  const stores = results.map((text, k) => `o${k}[p${k}+${dense ? "i" : `i*s${k}`}]=${text};`).join("");
  const kernel = compile<Kernel>(parameters, `${head}for(let i=0;i<n;i++){${statements}${stores}}`);
  return { kernel, hoisted: uniform.length > 0 ? evaluator(uniform, false) : undefined };
}

/** Runs a map without generated code: about ten times slower, with the same bits. */
function interpret(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
  const variants = variantOf(program, interpreted, 0, () => new Map<string, Variant<Evaluator>>());
  // There may be too many inputs for a numeric key.
  const key = inputs.map((input) => (typeof input === "number" ? "n" : "v")).join("");
  let variant = variants.get(key);
  if (variant === undefined) {
    variant = evaluators(program, inputs);
    variants.set(key, variant);
  }
  interpretMap(variant.kernel, outputs, inputs, hoist(variant, inputs));
}

function evaluators(program: MapProgram, inputs: readonly Operand[]): Variant<Evaluator> {
  const access = inputs.map((input) => (typeof input === "number" ? Access.number : Access.strided));
  const { outputs, uniform } = hoistUniform(program, access);
  const hoisted = uniform.length > 0 ? evaluator(uniform, false) : undefined;
  return { kernel: evaluator(outputs, true), hoisted };
}

/** The values of the uniform expressions in one call. Other inputs are passed as 0 and not used. */
function hoist(variant: Variant<unknown>, inputs: readonly Operand[]): Float64Array | undefined {
  if (variant.hoisted === undefined) return undefined;
  return variant.hoisted(inputs.map((input) => (typeof input === "number" ? input : 0)));
}

/** How a kernel over n elements in one row reads an input; undefined where the input needs several rows. */
function accessIn(input: Operand, n: number): Access | undefined {
  if (typeof input === "number") return Access.number;
  const { layout } = input;
  if (layout.size === n && n > 1 && layout.isContiguous) return Access.dense;
  return layout.isConstant ? Access.single : undefined;
}

/** A map kernel over arrays of float32 and ints. */
export function map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
  const first = outputs[0]!;
  const n = first.layout.size;
  if (n === 0) return;
  if (!canGenerateCode() || inputs.length > maxAccesses) {
    interpret(program, outputs, inputs);
    return;
  }
  let key: number = start.dense;
  for (let i = 0; i < inputs.length; i++) {
    const access = accessIn(inputs[i]!, n);
    if (access === undefined) {
      runStrided(program, outputs, inputs);
      return;
    }
    key = nextKey(key, access);
  }
  for (let k = 0; k < outputs.length; k++) {
    if (!outputs[k]!.layout.isContiguous) {
      runStrided(program, outputs, inputs);
      return;
    }
  }
  const variant = variantOf(program, wholes, key, emitWhole);
  variant.kernel(n, hoist(variant, inputs), outputs, inputs);
}

function runStrided(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
  const views = inputs.filter((input): input is View => typeof input === "object");
  const layouts: Layout[] = [...outputs, ...views].map((view) => view.layout);
  const loops: Loops = collapse(outputs[0]!.layout.shape, layouts);
  const n = loops.extents.at(-1) ?? 1;
  // The operands of one call, and the place of each view's position among them.
  const operands: unknown[] = [];
  const places: number[] = [];
  const push = (view: View): number => {
    const step = loops.strides[places.length]!.at(-1) ?? 0;
    places.push(operands.length + 1);
    operands.push(arrayOf(view), 0, step);
    return step;
  };
  let key: number = start.dense;
  for (const output of outputs) if (push(output) !== 1) key = start.strided;
  for (const input of inputs) {
    if (typeof input === "number") {
      operands.push(input, 0, 0);
      key = nextKey(key, Access.number);
    } else key = nextKey(key, accessOf(push(input)));
  }
  const variant = variantOf(program, rows, key, emitRow);
  const u = hoist(variant, inputs);
  forEachOuter(loops, 1, (positions) => {
    for (let k = 0; k < places.length; k++) operands[places[k]!] = positions[k];
    variant.kernel(n, u, ...operands);
  });
}
