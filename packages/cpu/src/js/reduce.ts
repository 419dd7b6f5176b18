import type { ElementArray, View } from "@thalweg/kernels";
import {
  type Combine,
  collapse,
  evaluator,
  forEachOuter,
  intNeutral,
  type Loops,
  neutral,
  newTier,
  type ReduceProgram,
} from "@thalweg/kernels";
import { combinerSources, combiners, intCombinerSources, intCombiners } from "../combiners";
import { block, combineLanes, laneCount } from "../order";
import { arrayOf } from "../storage";
import { variantOf } from "../variants";
import { compile, emit } from "./emit";
import { canGenerateCode } from "./generate";

/**
 * Loops over `array, position, step` of each input. `row` folds n elements, of which the first is number
 * `r` of its row, into the lanes; `column` folds element i into `acc[i]`, from `acc[base]` on. `short`
 * combines the elements of dense inputs, a block at most; interpreters have no need of it.
 */
interface Kernels {
  readonly short: ((n: number, acc: Accumulators, inputs: readonly View[]) => number) | null;
  readonly row: (n: number, acc: Accumulators, r: number, ...inputs: unknown[]) => void;
  readonly column: (n: number, acc: Accumulators, base: number, ...inputs: unknown[]) => void;
  /** Float64, or an int, rounded when it is stored. */
  readonly finish: (acc: number, count: number) => number;
}

/** Of float32, or of ints where those are combined. */
type Accumulators = Float32Array | Int32Array;

/** How values are combined: in float32, or as ints. */
interface Arithmetic {
  readonly combine: Readonly<Record<Combine, (a: number, b: number) => number>>;
  readonly source: Readonly<Record<Combine, (a: string, b: string) => string>>;
  readonly neutral: Readonly<Record<Combine, number>>;
  readonly round: (x: number) => number;
  readonly array: new (size: number) => Accumulators;
  /** The lanes of one row. */
  readonly lanes: Accumulators;
}

const floats: Arithmetic = {
  combine: combiners,
  source: combinerSources,
  neutral,
  round: Math.fround,
  array: Float32Array,
  lanes: new Float32Array(laneCount),
};

const ints: Arithmetic = {
  combine: intCombiners,
  source: intCombinerSources,
  neutral: intNeutral,
  round: (x) => x,
  array: Int32Array,
  lanes: new Int32Array(laneCount),
};

const arithmeticOf = ({ map }: ReduceProgram): Arithmetic => (map.isInt ? ints : floats);

const generated = newTier();
const interpreted = newTier();

function kernelsOf(program: ReduceProgram): Kernels {
  return canGenerateCode()
    ? variantOf(program, generated, 0, emitReduction)
    : variantOf(program, interpreted, 0, interpret);
}

function emitReduction(program: ReduceProgram): Kernels {
  const { source, neutral } = arithmeticOf(program);
  const combine = source[program.combine];
  const round = program.map.isInt ? "" : "f";
  const inputs = Array.from({ length: program.inputs }, (_, i) => [`x${i}`, `q${i}`, `d${i}`]).flat();
  const { statements, results } = emit([program.map], (i) => `x${i}[q${i}+i*d${i}]`);
  const loop = (place: string) =>
    `for(let i=0;i<n;i++){${statements}const k=${place};a[k]=${combine("a[k]", results[0]!)};}`;
  const sources = Array.from(
    { length: program.inputs },
    (_, i) => `const x${i}=I[${i}].storage.array,q${i}=I[${i}].layout.offset,d${i}=1;`,
  );
  const clear = Array.from({ length: laneCount }, (_, k) => `a[${k}]=${neutral[program.combine]};`).join("");
  const total = combineLanes(
    (k) => `a[${k}]`,
    (a, b) => `${round}(${combine(a, b)})`,
  );
  return {
    short: compile(
      ["n", "a", "I"],
      `${sources.join("")}${clear}${loop(`i&${laneCount - 1}`)}return ${total};`,
    ),
    row: compile(["n", "a", "r", ...inputs], loop(`(r+i)&${laneCount - 1}`)),
    column: compile(["n", "a", "r", ...inputs], loop("r+i")),
    finish: finisher(program),
  };
}

function interpret(program: ReduceProgram): Kernels {
  const combine = arithmeticOf(program).combine[program.combine];
  const evaluate = evaluator([program.map], true);
  const values = new Float64Array(program.inputs);
  const fold = (place: (i: number) => number, n: number, acc: Accumulators, inputs: unknown[]) => {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < values.length; k++) {
        const [array, position, step] = inputs.slice(3 * k, 3 * k + 3) as [ElementArray, number, number];
        values[k] = array[position + i * step]!;
      }
      acc[place(i)] = combine(acc[place(i)]!, evaluate(values)[0]!);
    }
  };
  return {
    short: null,
    row: (n, acc, r, ...inputs) => fold((i) => (r + i) & (laneCount - 1), n, acc, inputs),
    column: (n, acc, base, ...inputs) => fold((i) => base + i, n, acc, inputs),
    finish: finisher(program),
  };
}

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

/** Combines the lanes `acc[start]`, `acc[start + step]`, ... into one, rounded at each step. */
function combined({ combine, round }: Combination, acc: Accumulators, start: number, step: number): number {
  return combineLanes(
    (k) => acc[start + k * step]!,
    (a, b) => round(combine(a, b)),
  );
}

const isDense = (view: View) => view.layout.isContiguous;

/** A reduction over arrays of float32 and ints. */
export function reduce(
  program: ReduceProgram,
  out: View,
  inputs: readonly View[],
  dims: readonly number[],
): void {
  const kernels = kernelsOf(program);
  const { shape, size } = inputs[0]!.layout;
  const { round, array, lanes, neutral, combine: all } = arithmeticOf(program);
  const start = neutral[program.combine];
  const to = arrayOf(out);
  let count = 1;
  for (let k = 0; k < dims.length; k++) count *= shape[dims[k]!]!;
  if (kernels.short !== null && size <= block && out.layout.size === 1 && inputs.every(isDense)) {
    const total = kernels.short(size, lanes, inputs);
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
  // The outer loops run over the kept dimensions, the inner loops over those that are combined.
  const layouts = [out.layout, ...inputs.map((input) => input.layout)];
  const outer = collapse(
    kept.map((d) => shape[d]!),
    layouts.map((layout) => layout.permute(kept)),
  );
  const inner = collapse(
    dims.map((d) => shape[d]!),
    inputs.map((input) => input.layout.permute(dims)),
  );
  const combine = all[program.combine];
  const run = {
    kernels,
    combine,
    round,
    start,
    array,
    lanes,
    count,
    to,
    arrays: inputs.map(arrayOf),
    outer,
    inner,
  };
  const last = outer.strides.slice(1).map((strides) => Math.abs(strides.at(-1) ?? 0));
  const innermost = inner.strides.map((strides) => Math.abs(strides.at(-1) ?? 0));
  const columnsAreCloser = outer.extents.length > 0 && last.every((s, k) => s < innermost[k]!);
  if (columnsAreCloser) reduceColumns(run);
  else reduceRows(run);
}

interface Combination {
  readonly combine: (a: number, b: number) => number;
  readonly round: (x: number) => number;
}

interface Run extends Combination {
  readonly kernels: Kernels;
  readonly array: Arithmetic["array"];
  readonly lanes: Accumulators;
  readonly start: number;
  readonly count: number;
  readonly to: ElementArray;
  readonly arrays: readonly ElementArray[];
  readonly outer: Loops;
  readonly inner: Loops;
}

/** Makes one pass over the combined elements for each kept element. */
function reduceRows(run: Run): void {
  const { kernels, combine, start, lanes, count, to, arrays, outer, inner } = run;
  const n = inner.extents.at(-1) ?? 1;
  const steps = inner.strides.map((strides) => strides.at(-1) ?? 0);
  const operands: unknown[] = arrays.flatMap((array, k) => [array, 0, steps[k]]);
  const from = [...inner.offsets];
  const loops = { extents: inner.extents, strides: inner.strides, offsets: from };
  forEachOuter(outer, 0, (positions) => {
    for (let k = 0; k < arrays.length; k++) from[k] = positions[k + 1]!;
    let total = start;
    let r = 0;
    lanes.fill(start);
    forEachOuter(loops, 1, (places) => {
      for (let i = 0; i < n; ) {
        const length = Math.min(n - i, block - (r % block));
        for (let k = 0; k < arrays.length; k++) operands[3 * k + 1] = places[k]! + i * steps[k]!;
        kernels.row(length, lanes, r, ...operands);
        i += length;
        r += length;
        if (r % block === 0 || r === count) {
          total = combine(total, combined(run, lanes, 0, 1));
          lanes.fill(start);
        }
      }
    });
    to[positions[0]!] = kernels.finish(total, count);
  });
}

/** Reduces runs of neighbouring kept elements together, so that memory is read in order. */
function reduceColumns(run: Run): void {
  const { kernels, combine, start, count, to, arrays, outer, inner } = run;
  const n = outer.extents.at(-1)!;
  const operands: unknown[] = arrays.flatMap((array, k) => [array, 0, outer.strides[k + 1]!.at(-1)!]);
  const step = outer.strides[0]!.at(-1)!;
  const acc = new run.array(laneCount * n);
  const totals = new Float64Array(n);
  const from = [...inner.offsets];
  const loops = { extents: inner.extents, strides: inner.strides, offsets: from };
  forEachOuter(outer, 1, (positions) => {
    for (let k = 0; k < arrays.length; k++) from[k] = positions[k + 1]!;
    let r = 0;
    acc.fill(start);
    totals.fill(start);
    forEachOuter(loops, 0, (places) => {
      for (let k = 0; k < arrays.length; k++) operands[3 * k + 1] = places[k];
      kernels.column(n, acc, (r % laneCount) * n, ...operands);
      r++;
      if (r % block === 0 || r === count) {
        for (let i = 0; i < n; i++) totals[i] = combine(totals[i]!, combined(run, acc, i, n));
        acc.fill(start);
      }
    });
    for (let i = 0; i < n; i++) to[positions[0]! + i * step] = kernels.finish(totals[i]!, count);
  });
}
