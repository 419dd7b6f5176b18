import { collapse, lower, type ReduceProgram } from "@thalweg/kernels";
import { type Access, accessOf } from "../../access";
import { block } from "../../order";
import { keyOf, maxAccesses, variantOf } from "../../variants";
import { costOf } from "../runtime/cost";
import { Job } from "../runtime/job";
import { type Kernel, mostCount, type Place, type Runtime } from "../runtime/runtime";
import { canEmit } from "../vector/expression";
import { columnsModule, tile } from "./reduce-columns";
import { type Reduction, rowsModule, totalsModule } from "./reduce-module";

/** Elements of one item, where a line or column is cut because there are few of them. */
const rowChunk = 64 * block;
const columnChunk = 4 * block;

/** So many items need no cutting. */
const enough = 16;

/** Inputs that a key has room for, besides the output and the form. */
const maxInputs = maxAccesses - 2;

interface Variants {
  readonly map: Reduction["map"];
  readonly kernels: Kernel[];
  totals?: Kernel;
}

/** What the variants of a program share, or null if vectors cannot do it. */
function variantsOf({ map, finish }: ReduceProgram): Variants | null {
  const [lowered] = lower([map]);
  return canEmit([lowered!]) && canEmit([finish], "f64x2") ? { map: lowered!, kernels: [] } : null;
}

/** The step of the innermost loop; of a loop over one element, that of dense ones. */
const innermost = (strides: readonly (readonly number[])[]): number[] => strides.map((of) => of.at(-1) ?? 1);

/** Bytes between neighbours in each dimension of a row-major array. */
function rowMajor(extents: readonly number[], bytes: number): number[] {
  const strides: number[] = [];
  for (let d = extents.length - 1; d >= 0; d--) {
    strides[d] = bytes;
    bytes *= extents[d]!;
  }
  return strides;
}

/**
 * A reduction over linear memory; `out` has the shape of the inputs with `dims` set to 1.
 *
 * @returns whether there is a kernel that can do it; if not, nothing is done
 */
export function reduce(
  runtime: Runtime,
  program: ReduceProgram,
  out: Place,
  inputs: readonly Place[],
  dims: readonly number[],
): boolean {
  const { shape, size } = inputs[0]!.layout;
  const variants = variantOf(program, runtime.tier, 0, variantsOf);
  const count = size / out.layout.size;
  if (variants === null || size === 0 || count > mostCount || inputs.length > maxInputs) return false;
  const kept = shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const outer = collapse(
    kept.map((d) => shape[d]!),
    [out, ...inputs].map(({ layout }) => layout.permute(kept)),
  );
  const inner = collapse(
    dims.map((d) => shape[d]!),
    inputs.map(({ layout }) => layout.permute(dims)),
  );
  const lines = out.layout.size;
  const { extents } = outer;
  const along = innermost(outer.strides);
  const across = innermost(inner.strides);
  const distance = (steps: readonly number[]) => steps.reduce((sum, step) => sum + Math.abs(step), 0);
  const columns = extents.length > 0 && distance(along.slice(1)) < distance(across);
  const steps = columns ? along.slice(1) : across;
  const width = columns ? extents.at(-1)! : 0;

  // Few items are cut in pieces, of which each writes what its blocks give.
  const runs = inner.extents.length > 1;
  const pieces = columns ? (lines / width) * Math.ceil(width / tile) : lines;
  const piece = columns ? columnChunk : rowChunk;
  const partial = !runs && pieces < enough && count > 2 * piece;
  const blocks = Math.ceil(count / block);
  const scratch = partial ? runtime.scratch(4 * lines * blocks) : 0;
  const chunk = partial ? piece : count;
  const blockStep = columns ? 4 * lines : 4;
  const outStrides = partial
    ? rowMajor(extents, columns ? 4 : 4 * blocks)
    : outer.strides[0]!.map((stride) => 4 * stride);
  const outStart = out.address + 4 * outer.offsets[0]!;

  const outStep = columns ? outStrides.at(-1)! : 4;
  const kinds = [accessOf(outStep / 4), ...steps.map(accessOf)];
  const kernel = kernelOf(runtime, program, variants, kinds, { columns, runs, partial });
  const job = new Job(runtime);
  for (const value of [inner.extents.at(-1) ?? 1, chunk, count, blockStep]) job.integer(value);
  if (columns) job.integer(outStep);
  for (const step of steps) job.integer(4 * step);
  if (columns) for (const step of across) job.integer(4 * step);

  const loops = [...extents];
  const moves = extents.map((_, d) => [
    ...(columns ? [0, 0] : [0]),
    outStrides[d]!,
    ...inputs.map((_, k) => 4 * outer.strides[k + 1]![d]!),
  ]);
  if (columns) {
    loops[loops.length - 1] = Math.ceil(width / tile);
    moves[loops.length - 1] = moves.at(-1)!.map((move, k) => (k === 1 ? -tile : tile * move));
  }
  if (partial) {
    loops.push(Math.ceil(count / chunk));
    moves.push([
      -chunk,
      ...(columns ? [0] : []),
      (chunk / block) * blockStep,
      ...across.map((step) => 4 * chunk * step),
    ]);
  }
  const starts = inputs.map(({ address }, k) => address + 4 * outer.offsets[k + 1]!);
  const left = columns ? [count, width] : [count];
  const items = job.table([...left, partial ? scratch : outStart, ...starts], loops, moves);
  if (items < 0) return false;
  if (runs) {
    const within = inner.extents.slice(0, -1).map((_, d) => inner.strides.map((strides) => 4 * strides[d]!));
    const none = inputs.map(() => 0);
    if (job.table(none, inner.extents.slice(0, -1), within) < 0) return false;
  }
  const elements = Math.min(chunk, count) * (columns ? Math.min(tile, width) : 1);
  runtime.launch(kernel, items, elements * costOf([variants.map], kinds.slice(1)) + 10);
  if (!partial) return true;

  variants.totals ??= runtime.compile(totalsModule(program.combine, program.finish));
  const second = new Job(runtime);
  for (const value of [blocks, count, blockStep]) second.integer(value);
  const results = extents.map((_, d) => [4 * outer.strides[0]![d]!, outStrides[d]!]);
  const all = second.table([outStart, scratch], extents, results);
  runtime.launch(variants.totals, all, 2 * blocks);
  return true;
}

/** The kernel for these ways to reach the operands. */
function kernelOf(
  runtime: Runtime,
  { combine, finish }: ReduceProgram,
  { map, kernels }: Variants,
  kinds: readonly Access[],
  {
    columns,
    runs,
    partial,
  }: { readonly columns: boolean; readonly runs: boolean; readonly partial: boolean },
): Kernel {
  const key = keyOf(kinds, Number(columns) + 2 * Number(runs) + 4 * Number(partial));
  const [output, ...inputs] = kinds as [Access, ...Access[]];
  const reduction = { combine, map, finish, output, inputs, runs, partial };
  kernels[key] ??= runtime.compile(columns ? columnsModule(reduction) : rowsModule(reduction));
  return kernels[key];
}
