import { collapse, forEachOuter } from "../../../layout/collapse";
import { evaluator } from "../../../scalar/evaluate";
import { type Combine, neutral, newTier, type ReduceProgram } from "../../../scalar/program";
import type { View } from "../../backend";
import { combiners } from "../combiners";
import { arrayOf, type CpuArray } from "../memory";
import { canGenerateCode } from "./generate";
import { compile, renderBody } from "./render";

/**
 * Two loops over `array, position, step` of each input. `row` folds n elements into one value and returns
 * it; `column` folds element i into `acc[i]`. Values are float32, the accumulator is float64.
 */
interface Kernels {
  readonly row: (n: number, acc: number, ...inputs: unknown[]) => number;
  readonly column: (n: number, acc: Float64Array, ...inputs: unknown[]) => void;
  readonly finish: (acc: number, count: number) => number;
}

const generated = newTier();
const interpreted = newTier();

function kernelsOf(program: ReduceProgram): Kernels {
  const tier = canGenerateCode() ? generated : interpreted;
  program.compiled[tier] ??= [tier === generated ? render(program) : interpret(program)];
  return program.compiled[tier][0] as Kernels;
}

const combineSource: Record<Combine, (a: string, b: string) => string> = {
  sum: (a, b) => `${a}+${b}`,
  prod: (a, b) => `${a}*${b}`,
  max: (a, b) => `Math.max(${a},${b})`,
  min: (a, b) => `Math.min(${a},${b})`,
};

function render(program: ReduceProgram): Kernels {
  const combine = combineSource[program.combine];
  const inputs = Array.from({ length: program.inputs }, (_, i) => [`x${i}`, `q${i}`, `d${i}`]).flat();
  const body = renderBody([program.map], (i) => `x${i}[q${i}+i*d${i}]`, new Map());
  const value = body.results[0]!;
  return {
    row: compile(
      ["n", "a", ...inputs],
      `for(let i=0;i<n;i++){${body.statements}a=${combine("a", value)};}return a;`,
    ),
    column: compile(
      ["n", "a", ...inputs],
      `for(let i=0;i<n;i++){${body.statements}a[i]=${combine("a[i]", value)};}`,
    ),
    finish: finisher(program),
  };
}

function interpret(program: ReduceProgram): Kernels {
  const combine = combiners[program.combine];
  const evaluate = evaluator([program.map], true);
  const values = new Float64Array(program.inputs);
  const at = (inputs: unknown[], i: number) => {
    for (let k = 0; k < values.length; k++) {
      const [array, position, step] = inputs.slice(3 * k, 3 * k + 3) as [CpuArray, number, number];
      values[k] = array[position + i * step]!;
    }
    return evaluate(values)[0]!;
  };
  return {
    row: (n, acc, ...inputs) => {
      for (let i = 0; i < n; i++) acc = combine(acc, at(inputs, i));
      return acc;
    },
    column: (n, acc, ...inputs) => {
      for (let i = 0; i < n; i++) acc[i] = combine(acc[i]!, at(inputs, i));
    },
    finish: finisher(program),
  };
}

/** The last step is computed in float64 and rounded once, when it is stored. */
function finisher(program: ReduceProgram): Kernels["finish"] {
  if (program.finish.input === 0) return (acc) => acc;
  const evaluate = evaluator([program.finish], false);
  const pair = [0, 0];
  return (acc, count) => {
    pair[0] = acc;
    pair[1] = count;
    return evaluate(pair)[0]!;
  };
}

/** A reduction over float32 arrays; elements are combined in row-major order whatever the strides. */
export function reduce(
  program: ReduceProgram,
  out: View,
  inputs: readonly View[],
  dims: readonly number[],
): void {
  const kernels = kernelsOf(program);
  const { shape, size } = inputs[0]!.layout;
  const start = neutral[program.combine];
  const to = arrayOf(out);
  let count = 1;
  for (let k = 0; k < dims.length; k++) count *= shape[dims[k]!]!;
  const only = inputs[0]!;
  if (out.layout.size === 1 && inputs.length === 1 && only.layout.isContiguous) {
    const total = kernels.row(size, start, only.storage.data, only.layout.offset, 1);
    to[out.layout.offset] = kernels.finish(total, count);
    return;
  }
  if (out.layout.size === 0) return;
  if (size === 0) {
    const empty = kernels.finish(start, count);
    forEachOuter(collapse(out.layout.shape, [out.layout]), 0, ([position]) => {
      to[position!] = empty;
    });
    return;
  }
  const kept = shape.map((_, d) => d).filter((d) => !dims.includes(d));
  // Loops of kept dimensions first, then those that are combined.
  const layouts = [out.layout, ...inputs.map((input) => input.layout)];
  const outer = collapse(
    kept.map((d) => shape[d]!),
    layouts.map((layout) => layout.permute(kept)),
  );
  const inner = collapse(
    dims.map((d) => shape[d]!),
    inputs.map((input) => input.layout.permute(dims)),
  );
  const run = { kernels, start, count, to, arrays: inputs.map(arrayOf), outer, inner };
  const last = outer.strides.slice(1).map((strides) => Math.abs(strides.at(-1) ?? 0));
  const innermost = inner.strides.map((strides) => Math.abs(strides.at(-1) ?? 0));
  const columnsAreCloser = outer.extents.length > 0 && last.every((s, k) => s < innermost[k]!);
  if (columnsAreCloser) reduceColumns(run);
  else reduceRows(run);
}

interface Run {
  readonly kernels: Kernels;
  readonly start: number;
  readonly count: number;
  readonly to: CpuArray;
  readonly arrays: readonly CpuArray[];
  readonly outer: ReturnType<typeof collapse>;
  readonly inner: ReturnType<typeof collapse>;
}

/** For each kept element, one pass along what is combined. */
function reduceRows({ kernels, start, count, to, arrays, outer, inner }: Run): void {
  const n = inner.extents.at(-1) ?? 1;
  const operands = arrays.flatMap((array, k) => [array, 0, inner.strides[k]!.at(-1) ?? 0] as unknown[]);
  const from = [...inner.offsets];
  const loops = { ...inner, offsets: from };
  forEachOuter(outer, 0, (positions) => {
    for (let k = 0; k < arrays.length; k++) from[k] = positions[k + 1]!;
    let acc = start;
    forEachOuter(loops, 1, (places) => {
      for (let k = 0; k < arrays.length; k++) operands[3 * k + 1] = places[k];
      acc = kernels.row(n, acc, ...operands);
    });
    to[positions[0]!] = kernels.finish(acc, count);
  });
}

/** For each run of neighbouring kept elements, all of them at once: memory is read in its own order. */
function reduceColumns({ kernels, start, count, to, arrays, outer, inner }: Run): void {
  const n = outer.extents.at(-1)!;
  const operands = arrays.flatMap((array, k) => [array, 0, outer.strides[k + 1]!.at(-1)!] as unknown[]);
  const step = outer.strides[0]!.at(-1)!;
  const acc = new Float64Array(n);
  const from = [...inner.offsets];
  const loops = { ...inner, offsets: from };
  forEachOuter(outer, 1, (positions) => {
    for (let k = 0; k < arrays.length; k++) from[k] = positions[k + 1]!;
    acc.fill(start);
    forEachOuter(loops, 0, (places) => {
      for (let k = 0; k < arrays.length; k++) operands[3 * k + 1] = places[k];
      kernels.column(n, acc, ...operands);
    });
    for (let i = 0; i < n; i++) to[positions[0]! + i * step] = kernels.finish(acc[i]!, count);
  });
}
