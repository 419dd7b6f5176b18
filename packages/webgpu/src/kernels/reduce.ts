import type { View } from "@thalweg/kernels";
import {
  collapse,
  copyProgram,
  ExprPool,
  evaluator,
  intNeutral,
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

/** Lines up to this length are the work of one thread. */
const short = 32;

/** Most elements that one thread combines one after the other. */
const most = 512;

/** Threads, and workgroups, that keep a device busy. */
const enough = { threads: 8192, groups: 128 };

interface Compiled {
  readonly kernels: Map<string, Kernel>;
  /** Combines what parts of lines have given. */
  readonly rest: ReduceProgram;
}

function compiledOf(gpu: Gpu, program: ReduceProgram): Compiled {
  const { compiled, name, combine, finish, map } = program;
  compiled[gpu.tier] ??= [
    {
      kernels: new Map(),
      rest: new ReduceProgram(name, combine, 1, new ExprPool().input(0, map.isInt), finish),
    } satisfies Compiled,
  ];
  return compiled[gpu.tier]![0] as Compiled;
}

/** Lines that are reduced each to one element. */
interface Rows {
  readonly program: ReduceProgram;
  readonly out: Block;
  readonly inputs: readonly Block[];
  /** Whether the result, and whether the inputs are ints. */
  readonly ints: readonly boolean[];
  /** Where the results go, and where the lines of the inputs start. */
  readonly places: readonly Layout[];
  /** Along the lines of the inputs; offsets do not count. */
  readonly along: Loops;
  /** Elements that a result stands for. */
  readonly total: number;
}

/** A reduction: in one pass, or in two where lines are divided. */
export function reduce(
  gpu: Gpu,
  program: ReduceProgram,
  out: View,
  inputs: readonly View[],
  dims: readonly number[],
): void {
  const { shape, size } = inputs[0]!.layout;
  if (out.layout.size === 0) return;
  const total = dims.reduce((n, d) => n * shape[d]!, 1);
  if (size === 0) {
    const start = (program.map.isInt ? intNeutral : neutral)[program.combine];
    const empty = evaluator([program.finish], false)([start, total])[0]!;
    map(gpu, copyProgram(out.storage.dtype), [out], [empty]);
    return;
  }
  const kept = shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const layouts = inputs.map((input) => input.layout);
  const places = [out.layout, ...layouts].map((layout) => layout.permute(kept));
  const along = collapse(
    dims.map((d) => shape[d]!),
    layouts.map((layout) => layout.permute(dims)),
  );
  const ints = [out, ...inputs].map(isInt);
  run(gpu, { program, out: blockOf(out), inputs: inputs.map(blockOf), ints, places, along, total });
}

function run(gpu: Gpu, rows: Rows): void {
  const { program, out, inputs, ints, places, along, total } = rows;
  const { kernels, rest } = compiledOf(gpu, program);
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
  const form: ReduceForm = {
    grouped,
    divided,
    ranks: [outer.extents.length, along.extents.length],
    slots: [slots.addBlock(block, true), ...inputs.map((input) => slots.addBlock(input))],
    ints: divided ? [program.map.isInt, ...ints.slice(1)] : ints,
  };
  const key = `${+grouped}${+divided} ${form.ranks} ${form.slots}`;
  let kernel = kernels.get(key);
  if (kernel === undefined) kernels.set(key, (kernel = gpu.kernel(reduceKernel(program, form, slots))));
  recorder.u32(count);
  recorder.u32(count * parts);
  recorder.u32(length);
  recorder.u32(Math.ceil(length / parts));
  recorder.f32(total);
  recorder.i32(slots.starts[0]!);
  const starts = divided ? slots.starts.slice(1) : slots.starts;
  walkOf("k", form.ranks[0], starts.length).write(recorder, outer, starts);
  walkOf("j", form.ranks[1], from.length, false).write(recorder, along, starts);
  recorder.dispatch(kernel, slots.memories, count * parts, grouped);
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
  gpu.pool.release(block, recorder.batch);
}

/** How lines are divided: a workgroup for each part or a thread, so that there is enough to do. */
function divide(rows: number, length: number, inThreads: boolean): { grouped: boolean; parts: number } {
  if (length <= short) return { grouped: false, parts: 1 };
  const grouped = !inThreads || rows < 16;
  const [wanted, one] = grouped ? [enough.groups, threads] : [enough.threads, 1];
  const parts = Math.max(Math.floor(wanted / rows), Math.ceil(length / (one * most)));
  return { grouped, parts: Math.max(1, Math.min(parts, Math.ceil(length / (one * short)))) };
}
