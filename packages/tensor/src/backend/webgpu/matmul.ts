import { collapse } from "../../layout/collapse";
import type { Layout } from "../../layout/layout";
import { MapProgram, trace } from "../../scalar/program";
import type { Epilogue, View } from "../backend";
import { computeOf, writeNumbers } from "./compute";
import { elementKernel, threads } from "./element-kernel";
import type { Gpu } from "./gpu";
import type { Kernel } from "./kernel";
import { map } from "./map";
import { batchWalk, type ProductForm, type Reading } from "./product-form";
import { Slots } from "./slots";
import { tile, tileKernel } from "./tile-kernel";

interface Variant {
  readonly kernel: Kernel;
  readonly form: ProductForm;
}

/** Products without an epilogue keep their kernels with this. */
const plain = new MapProgram("matmul", 1, [trace(1, (x) => x)]);

/** From these sizes on results are computed in tiles. */
const least = { side: 24, depth: 8 };

/** Long sums are each the work of a workgroup, if they are few. */
const long = { depth: 256, count: 2048 };

const isFour = (n: number) => n % 4 === 0;

/** How four neighbours can be read at once; `along` and `across` are dimensions. */
function readingOf({ layout }: View, along: number, across: number): Reading {
  const { strides, shape, offset, ndim } = layout;
  const isAligned = strides.every((stride, d) => d >= ndim - 2 || shape[d] === 1 || isFour(stride));
  if (!isAligned || !isFour(offset)) return "single";
  const isRow = (d: number, other: number) => strides[d] === 1 && isFour(shape[d]!) && isFour(strides[other]!);
  if (isRow(along, across)) return "along";
  return isRow(across, along) ? "across" : "single";
}

/** Where the matrices of a batch start. */
function startsOf({ layout }: View): Layout {
  return layout.select(layout.ndim - 1, 0).select(layout.ndim - 2, 0);
}

const isView = (operand: View | number): operand is View => typeof operand === "object";

/** Batched matrix products of any strides. */
export function matmul(gpu: Gpu, out: View, a: View, b: View, epilogue?: Epilogue): void {
  const { shape, size, ndim } = out.layout;
  if (size === 0) return;
  const views = [out, a, b, ...(epilogue?.operands.filter(isView) ?? [])];
  const slots = new Slots();
  const places = views.map((view, i) => slots.add(view, i === 0));
  if (epilogue !== undefined && slots.blocks.length > gpu.mostBuffers) {
    matmul(gpu, out, a, b);
    map(gpu, epilogue.program, [out], [out, ...epilogue.operands]);
    return;
  }
  const [row, column] = [ndim - 2, ndim - 1];
  const [m, n, k] = [shape[row]!, shape[column]!, a.layout.shape[column]!];
  const loops = collapse(shape.slice(0, row), views.map(startsOf));
  const isTiled = Math.min(m, n) >= least.side && k >= least.depth;
  const grouped = !isTiled && k >= long.depth && size <= long.count;
  const left = isTiled ? readingOf(a, column, row) : "single";
  const right = isTiled ? readingOf(b, row, column) : "single";
  const quads = isTiled && readingOf(out, column, row) === "along";
  const count = isTiled
    ? (size / m / n) * Math.ceil(m / tile.rows) * Math.ceil(n / tile.columns)
    : size;

  const program = epilogue?.program ?? plain;
  const numbers = epilogue?.operands.map((operand) => (isView(operand) ? 0 : 1)) ?? [];
  const kind = isTiled ? `${left} ${right} ${+quads}` : grouped ? "group" : "thread";
  const key = `${kind} ${loops.extents.length} ${places} ${numbers}`;
  const { compiled } = program;
  compiled[gpu.tier] ??= [new Map<string, Variant>()];
  const variants = compiled[gpu.tier]![0] as Map<string, Variant>;
  let variant = variants.get(key);
  if (variant === undefined) {
    const compute = epilogue ? computeOf(program, (input) => numbers[input - 1] === 1) : null;
    const form = { rank: loops.extents.length, slots: places, left, right, quads, epilogue: compute };
    const text = isTiled ? tileKernel(form, slots) : elementKernel(form, grouped, slots);
    variant = { kernel: gpu.kernel(text), form };
    variants.set(key, variant);
  }
  const { kernel, form } = variant;
  const { recorder } = gpu;
  recorder.i32(m);
  recorder.i32(n);
  recorder.i32(k);
  recorder.u32(count);
  for (const { layout } of views) {
    recorder.i32(layout.strides[row]!);
    recorder.i32(layout.strides[column]!);
  }
  if (form.epilogue !== null) writeNumbers(form.epilogue, recorder, [out, ...epilogue!.operands]);
  batchWalk(form).write(recorder, loops);
  recorder.dispatch(kernel, slots.blocks, isTiled || grouped ? count : Math.ceil(count / threads));
}
