import { collapse, type Loops, lower, type ReduceProgram } from "@thalweg/kernels";
import { type Access, accessOf } from "../../access";
import { block } from "../../order";
import { keyOf, maxAccesses, variantOf } from "../../variants";
import { costOf } from "../runtime/cost";
import { maxCount } from "../runtime/limits";
import type { Kernel, MemoryView, Runtime } from "../runtime/runtime";
import { canFinish } from "../vector/combine";
import { canEmit } from "../vector/expression";
import { columnsModule, tile } from "./reduce-columns";
import { type Reduction, reduceFrame, rowsModule, totalsFrame, totalsModule } from "./reduce-module";

/** Elements of one item, where a row or column is cut because there are few of them. */
const rowChunk = 64 * block;
const columnChunk = 4 * block;

/** With this many items, none has to be cut. */
const minItems = 16;

/** The largest number of inputs for which a key has room, besides the output and the form. */
const maxInputs = maxAccesses - 2;

interface Variants {
  readonly map: Reduction["map"];
  readonly kernels: Kernel[];
  totals?: Kernel;
}

/** The state that the variants of a program share; null if vectors cannot compute it. */
function variantsOf({ map, finish }: ReduceProgram): Variants | null {
  const [lowered] = lower([map]);
  return canEmit([lowered!]) && canFinish(finish, lowered!.isInt) ? { map: lowered!, kernels: [] } : null;
}

/** The steps of the innermost loop; without loops, there is one element, which counts as dense. */
const innermost = (strides: readonly (readonly number[])[]): number[] => strides.map((of) => of.at(-1) ?? 1);

const bytes = (step: number): number => 4 * step;

/** Bytes between neighbours in each dimension of a row-major array. */
function rowMajor(extents: readonly number[], element: number): number[] {
  const strides: number[] = [];
  for (let d = extents.length - 1; d >= 0; d--) {
    strides[d] = element;
    element *= extents[d]!;
  }
  return strides;
}

/** How a reduction is done: by rows or by columns, whole or in pieces. */
interface Plan {
  /** Loops over kept dimensions, of the output and the inputs, and over combined dimensions, of the inputs. */
  readonly outer: Loops;
  readonly inner: Loops;
  /** Rows, and elements of each. */
  readonly rows: number;
  readonly count: number;
  readonly columns: boolean;
  /** Neighbouring columns; 0 for rows. */
  readonly width: number;
  /** Steps of the inputs along the vectors, and along a row. */
  readonly steps: readonly number[];
  readonly across: readonly number[];
  /** Whether the combined elements are in several runs. */
  readonly runs: boolean;
  /** Whether items are pieces of rows, of which each writes what its blocks give; `chunk` are their elements. */
  readonly partial: boolean;
  readonly chunk: number;
  /** Bytes between the results of blocks, and between the results of items in each kept dimension. */
  readonly blockStep: number;
  readonly outStrides: readonly number[];
}

function planOf(out: MemoryView, inputs: readonly MemoryView[], dims: readonly number[]): Plan {
  const { shape, size } = inputs[0]!.layout;
  const kept = shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const outer = collapse(
    kept.map((d) => shape[d]!),
    [out, ...inputs].map(({ layout }) => layout.permute(kept)),
  );
  const inner = collapse(
    dims.map((d) => shape[d]!),
    inputs.map(({ layout }) => layout.permute(dims)),
  );
  const rows = out.layout.size;
  const count = size / rows;
  const { extents } = outer;
  const along = innermost(outer.strides).slice(1);
  const across = innermost(inner.strides);
  const distance = (steps: readonly number[]) => steps.reduce((sum, step) => sum + Math.abs(step), 0);
  const columns = extents.length > 0 && distance(along) < distance(across);
  const width = columns ? extents.at(-1)! : 0;

  // A small number of items is cut into pieces.
  const runs = inner.extents.length > 1;
  const pieces = columns ? (rows / width) * Math.ceil(width / tile) : rows;
  const piece = columns ? columnChunk : rowChunk;
  const partial = !runs && pieces < minItems && count > 2 * piece;
  const resultBytes = 4 * Math.ceil(count / block);
  return {
    outer,
    inner,
    rows,
    count,
    columns,
    width,
    across,
    runs,
    partial,
    steps: columns ? along : across,
    chunk: partial ? piece : count,
    blockStep: columns ? 4 * rows : 4,
    outStrides: partial ? rowMajor(extents, columns ? 4 : resultBytes) : outer.strides[0]!.map(bytes),
  };
}

/**
 * Runs a reduction over linear memory. `out` has the shape of the inputs with `dims` set to 1.
 *
 * @returns whether there is a kernel that can do it; if not, nothing is done
 */
export function reduce(
  runtime: Runtime,
  program: ReduceProgram,
  out: MemoryView,
  inputs: readonly MemoryView[],
  dims: readonly number[],
): boolean {
  const variants = variantOf(program, runtime.tier, 0, variantsOf);
  const { size } = inputs[0]!.layout;
  if (variants === null || size === 0 || size / out.layout.size > maxCount || inputs.length > maxInputs) {
    return false;
  }
  const plan = planOf(out, inputs, dims);
  const { outer, rows, count, columns, width, partial } = plan;
  const scratch = partial ? runtime.scratch(4 * rows * Math.ceil(count / block)) : 0;
  const outStart = out.address + 4 * outer.offsets[0]!;
  const outStep = columns ? plan.outStrides.at(-1)! : 4;
  const kinds = [accessOf(outStep / 4), ...plan.steps.map(accessOf)];
  const kernel = reductionKernel(runtime, program, variants, kinds, plan);
  const items = write(runtime, plan, inputs, partial ? scratch : outStart, outStep);
  if (items < 0) return false;
  const elements = Math.min(plan.chunk, count) * (columns ? Math.min(tile, width) : 1);
  runtime.launch(kernel, items, elements * costOf([variants.map], kinds.slice(1)) + 10);
  if (partial) {
    variants.totals ??= runtime.compile(totalsModule(program.combine, program.finish, variants.map.isInt));
    addTotals(runtime, variants.totals, plan, outStart, scratch);
  }
  return true;
}

/** Writes the arguments; returns the number of items, or -1. */
function write(
  runtime: Runtime,
  plan: Plan,
  inputs: readonly MemoryView[],
  out: number,
  outStep: number,
): number {
  const { outer, inner, count, columns, width, across, chunk, blockStep, outStrides } = plan;
  const extents = [...outer.extents];
  const steps = extents.map((_, d) => ({
    left: 0,
    columns: 0,
    out: outStrides[d]!,
    inputs: inputs.map((_, k) => 4 * outer.strides[k + 1]![d]!),
  }));
  if (columns) {
    const last = steps.at(-1)!;
    extents[extents.length - 1] = Math.ceil(width / tile);
    steps[steps.length - 1] = {
      left: 0,
      columns: -tile,
      out: tile * last.out,
      inputs: last.inputs.map((step) => tile * step),
    };
  }
  if (plan.partial) {
    extents.push(Math.ceil(count / chunk));
    steps.push({
      left: -chunk,
      columns: 0,
      out: (chunk / block) * blockStep,
      inputs: across.map((step) => 4 * chunk * step),
    });
  }
  const starts = inputs.map(({ address }, k) => address + 4 * outer.offsets[k + 1]!);
  const run = inner.extents.at(-1) ?? 1;
  const items = { bases: { left: count, columns: width, out, inputs: starts }, extents, steps };
  const runs = plan.runs ? runsOf(inner) : { bases: { inputs: starts }, extents: [], steps: [] };
  const [along, rowSteps] = [plan.steps.map(bytes), across.map(bytes)];
  return reduceFrame.write(runtime, {
    run,
    chunk,
    count,
    blockStep,
    outStep,
    steps: along,
    rowSteps,
    items,
    runs,
  });
}

/** The loops over the runs of a row, from the row's own positions on. */
function runsOf({ extents, strides }: Loops) {
  const outer = extents.slice(0, -1);
  return {
    bases: { inputs: strides.map(() => 0) },
    extents: outer,
    steps: outer.map((_, d) => ({ inputs: strides.map((of) => 4 * of[d]!) })),
  };
}

/** Combines what the blocks of each row gave. */
function addTotals(runtime: Runtime, kernel: Kernel, plan: Plan, out: number, scratch: number): void {
  const { outer, count, blockStep, outStrides } = plan;
  const { extents } = outer;
  const blocks = Math.ceil(count / block);
  const items = totalsFrame.write(runtime, {
    blocks,
    count,
    blockStep,
    items: {
      bases: { out, first: scratch },
      extents,
      steps: extents.map((_, d) => ({ out: 4 * outer.strides[0]![d]!, first: outStrides[d]! })),
    },
  });
  runtime.launch(kernel, items, 2 * blocks);
}

/** The kernel for these ways to access the operands. */
function reductionKernel(
  runtime: Runtime,
  { combine, finish }: ReduceProgram,
  { map, kernels }: Variants,
  kinds: readonly Access[],
  { columns, runs, partial }: Plan,
): Kernel {
  const key = keyOf(kinds, Number(columns) + 2 * Number(runs) + 4 * Number(partial));
  const [output, ...inputs] = kinds as [Access, ...Access[]];
  const reduction = { combine, map, finish, output, inputs, runs, partial };
  kernels[key] ??= runtime.compile(columns ? columnsModule(reduction) : rowsModule(reduction));
  return kernels[key];
}
