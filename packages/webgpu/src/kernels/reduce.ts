import type { Operand, View } from "@thalweg/kernels";
import {
  collapse,
  copyProgram,
  ExprPool,
  evaluator,
  intInputs,
  intNeutral,
  isView,
  Layout,
  type Loops,
  neutral,
  ReduceProgram,
} from "@thalweg/kernels";
import type { Block } from "../device/block";
import type { Gpu } from "../device/gpu";
import type { Kernel } from "../device/kernel";
import { Slots } from "../device/slots";
import { blockOf, isInt } from "../device/storage";
import { walkOf } from "../wgsl/walk";
import { threads } from "../wgsl/workgroup";
import { map } from "./map";
import { type ReduceForm, reduceKernel } from "./reduce-kernel";

/** One thread reduces a line up to this length. */
const short = 32;

/** Largest number of elements that a thread combines in sequence. */
const most = 512;

/** Numbers of threads and of workgroups that keep a device busy. */
const enough = { threads: 8192, groups: 128 };

interface Compiled {
  readonly kernels: Map<string, Kernel>;
  /** The inputs that are read as ints. */
  readonly takesInts: ReadonlySet<number>;
  /** Combines the partial results of divided lines. */
  readonly rest: ReduceProgram;
}

function compiledOf(gpu: Gpu, program: ReduceProgram): Compiled {
  const { compiled, name, combine, finish, map } = program;
  compiled[gpu.tier] ??= [
    {
      kernels: new Map(),
      takesInts: intInputs([map]),
      rest: new ReduceProgram(name, combine, 1, new ExprPool().input(0, map.isInt), finish),
    } satisfies Compiled,
  ];
  return compiled[gpu.tier]![0] as Compiled;
}

/** A reduction of rows, each to one element. */
interface Rows {
  readonly program: ReduceProgram;
  readonly out: Block;
  readonly inputs: readonly (Block | number)[];
  /** Whether the result, and whether the views among the inputs are ints. */
  readonly ints: readonly boolean[];
  /** Layouts of the results, and of the first elements of the lines. */
  readonly places: readonly Layout[];
  /** Loops along the lines. Their offsets are ignored. */
  readonly along: Loops;
  /** Number of elements behind each result. */
  readonly total: number;
}

/** Records a reduction, in one pass, or in two where lines are divided. */
export function reduce(
  gpu: Gpu,
  program: ReduceProgram,
  out: View,
  inputs: readonly Operand[],
  dims: readonly number[],
): void {
  const views = inputs.filter(isView);
  const { shape, size } = views[0]!.layout;
  if (out.layout.size === 0) return;
  const total = dims.reduce((n, d) => n * shape[d]!, 1);
  if (size === 0) {
    const start = (program.map.isInt ? intNeutral : neutral)[program.combine];
    const empty = evaluator([program.finish], false)([start, total])[0]!;
    map(gpu, copyProgram(out.storage.dtype), [out], [empty]);
    return;
  }
  const kept = shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const layouts = views.map((view) => view.layout);
  const places = [out.layout, ...layouts].map((layout) => layout.permute(kept));
  const along = collapse(
    dims.map((d) => shape[d]!),
    layouts.map((layout) => layout.permute(dims)),
  );
  const ints = [out, ...views].map(isInt);
  const sources = inputs.map((input) => (isView(input) ? blockOf(input) : input));
  run(gpu, { program, out: blockOf(out), inputs: sources, ints, places, along, total });
}

function run(gpu: Gpu, rows: Rows): void {
  const { program, out, inputs, ints, places, along, total } = rows;
  const { kernels, takesInts, rest } = compiledOf(gpu, program);
  const { recorder } = gpu;
  const [to, ...from] = places as [Layout, ...Layout[]];
  const count = to.size;
  const length = along.extents.reduce((n, extent) => n * extent, 1);
  const near = (strides: readonly number[]) => Math.abs(strides.at(-1) ?? 0);
  let outer = collapse(to.shape, places);
  const isColumns = outer.strides.slice(1).every((strides, k) => near(strides) < near(along.strides[k]!));
  const { grouped, parts } = divide(
    count,
    length,
    (isColumns && outer.extents.length > 0) || !gpu.hasSharedMemory,
  );
  const divided = parts > 1;
  if (divided) outer = collapse(to.shape, from);
  const block = divided ? gpu.acquire(count * parts, [count, parts]) : out;

  const slots = new Slots();
  const written = slots.addBlock(block, true);
  const read = inputs.flatMap((input) => (typeof input === "number" ? [] : [slots.addBlock(input)]));
  let view = 0;
  const form: ReduceForm = {
    grouped,
    divided,
    ranks: [outer.extents.length, along.extents.length],
    slots: [written, ...read],
    views: inputs.map((input) => (typeof input === "number" ? -1 : view++)),
    ints: divided ? [program.map.isInt, ...ints.slice(1)] : ints,
  };
  const key = `${+grouped}${+divided} ${form.ranks} ${form.slots} ${form.views}`;
  let kernel = kernels.get(key);
  if (kernel === undefined) kernels.set(key, (kernel = gpu.kernel(reduceKernel(program, form, slots))));
  recorder.u32(count);
  recorder.u32(count * parts);
  recorder.u32(length);
  recorder.u32(Math.ceil(length / parts));
  recorder.f32(total);
  recorder.i32(slots.starts[0]!);
  for (const [k, input] of inputs.entries()) {
    if (typeof input !== "number") continue;
    if (takesInts.has(k)) recorder.i32(input);
    else recorder.f32(input);
  }
  const starts = divided ? slots.starts.slice(1) : slots.starts;
  walkOf("k", form.ranks[0], starts.length).write(recorder, outer, starts);
  walkOf("j", form.ranks[1], from.length, false).write(recorder, along, starts);
  recorder.dispatch(kernel, slots.memories, count * parts, grouped, count * length);
  if (!divided) return;
  run(gpu, {
    program: rest,
    out,
    inputs: [block],
    ints: [ints[0]!, program.map.isInt],
    places: [to, Layout.contiguous(to.shape)],
    along: { extents: [parts], strides: [[count]], offsets: [0] },
    total,
  });
  gpu.release(block);
}

/** Divides rows into parts, each for a workgroup or a thread, so that the device has enough to do. */
function divide(rows: number, length: number, inThreads: boolean): { grouped: boolean; parts: number } {
  if (length <= short) return { grouped: false, parts: 1 };
  const grouped = !inThreads || rows < 16;
  const [wanted, one] = grouped ? [enough.groups, threads] : [enough.threads, 1];
  const parts = Math.max(Math.floor(wanted / rows), Math.ceil(length / (one * most)));
  return { grouped, parts: Math.max(1, Math.min(parts, Math.ceil(length / (one * short)))) };
}
