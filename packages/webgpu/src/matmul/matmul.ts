import type { Epilogue, Layout, View } from "@thalweg/kernels";
import { collapse, isView, MapProgram, trace } from "@thalweg/kernels";
import type { Gpu } from "../device/gpu";
import type { Kernel, KernelText } from "../device/kernel";
import { Slots } from "../device/slots";
import { isInt } from "../device/storage";
import { map } from "../kernels/map";
import { computeOf, writeNumbers } from "../wgsl/compute";
import { blockKernel } from "./block-kernel";
import { elementKernel } from "./element-kernel";
import { batchWalk, type ProductForm, type Reading } from "./product-form";
import { tile, tileKernel } from "./tile-kernel";

interface Variant {
  readonly kernel: Kernel;
  readonly form: ProductForm;
}

/** The program that keeps the kernels of products without an epilogue. */
const plain = new MapProgram("matmul", 1, [trace(1, (x) => x)]);

/** The division of a product among threads: tiles, blocks, or elements by a thread or a workgroup. */
type Kind = "tile" | "block" | "thread" | "group";

/** Smallest sizes of results for blocks and tiles, smallest depth for both, and smallest number of large blocks. */
const least = { block: 4, tile: 48, depth: 8, blocks: 32 };

/** A workgroup computes each sum of at least this depth, if there are few. */
const long = { depth: 256, few: 2048, fewOnCpu: 16 };

function kindOf(gpu: Gpu, m: number, n: number, k: number, size: number, areInts: boolean): Kind {
  if (k >= long.depth && size <= (gpu.hasSharedMemory ? long.few : long.fewOnCpu)) return "group";
  const side = Math.min(m, n);
  if (areInts || side < least.block || k < least.depth) return "thread";
  return side >= least.tile && gpu.hasSharedMemory ? "tile" : "block";
}

/** The side of a block, in squares. Large blocks load less, but a GPU lacks the registers, and a CPU needs enough blocks. */
function sideOf(gpu: Gpu, countOf: (rows: number, columns: number) => number): number {
  if (gpu.hasSharedMemory) return 1;
  return [4, 2].find((side) => countOf(4 * side, 4 * side) >= least.blocks) ?? 1;
}

const texts: Record<Kind, (form: ProductForm, slots: Slots) => KernelText> = {
  tile: tileKernel,
  block: blockKernel,
  thread: (form, slots) => elementKernel(form, false, slots),
  group: (form, slots) => elementKernel(form, true, slots),
};

const isFour = (n: number) => n % 4 === 0;

/** The direction in which four neighbours can be read at once; `along` and `across` are dimensions. */
function readingOf({ layout }: View, along: number, across: number): Reading {
  const { strides, shape, offset, ndim } = layout;
  const isAligned = strides.every((stride, d) => d >= ndim - 2 || shape[d] === 1 || isFour(stride));
  if (!isAligned || !isFour(offset)) return "single";
  const isRow = (d: number, other: number) =>
    strides[d] === 1 && isFour(shape[d]!) && isFour(strides[other]!);
  if (isRow(along, across)) return "along";
  return isRow(across, along) ? "across" : "single";
}

/** The layout of the first elements of the matrices of a batch. */
function startsOf({ layout }: View): Layout {
  return layout.select(layout.ndim - 1, 0).select(layout.ndim - 2, 0);
}

/** Launches batched matrix products of any strides, with an epilogue. */
export function matmul(gpu: Gpu, out: View, a: View, b: View, epilogue?: Epilogue): void {
  const { shape, size, ndim } = out.layout;
  if (size === 0) return;
  const views = [out, a, b, ...(epilogue?.operands.filter(isView) ?? [])];
  const slots = new Slots();
  const places = views.map((view, i) => slots.add(view, i === 0));
  if (epilogue !== undefined && slots.memories.length > gpu.mostBuffers) {
    matmul(gpu, out, a, b);
    map(gpu, epilogue.program, [out], [out, ...epilogue.operands]);
    return;
  }
  const [row, column] = [ndim - 2, ndim - 1];
  const [m, n, k] = [shape[row]!, shape[column]!, a.layout.shape[column]!];
  const loops = collapse(shape.slice(0, row), views.map(startsOf));
  const areInts = isInt(out);
  const kind = kindOf(gpu, m, n, k, size, areInts);
  const inFours = kind === "tile" || kind === "block";
  const left = inFours ? readingOf(a, column, row) : "single";
  const right = inFours ? readingOf(b, row, column) : "single";
  const quads = inFours && readingOf(out, column, row) === "along";
  const countOf = (rows: number, columns: number) =>
    (size / m / n) * Math.ceil(m / rows) * Math.ceil(n / columns);
  const side = kind === "block" ? sideOf(gpu, countOf) : 1;
  const isWhole = k % (kind === "tile" ? tile.depth : 4) === 0;
  let count = size;
  if (kind === "tile") count = countOf(tile.rows, tile.columns);
  else if (kind === "block") count = countOf(4 * side, 4 * side);

  const program = epilogue?.program ?? plain;
  const numbers = epilogue?.operands.map((operand) => (isView(operand) ? 0 : 1)) ?? [];
  const key = `${kind} ${side} ${left} ${right} ${+quads}${+isWhole}${+areInts} ${loops.extents.length} ${places} ${numbers}`;
  const { compiled } = program;
  const kept = (compiled[gpu.tier] ??= []);
  const variants = (kept[1] ??= new Map()) as Map<string, Variant>;
  let variant = variants.get(key);
  if (variant === undefined) {
    const compute = epilogue ? computeOf(program, (input) => numbers[input - 1] === 1) : null;
    const form = {
      rank: loops.extents.length,
      slots: places,
      left,
      right,
      quads,
      side,
      isWhole,
      epilogue: compute,
      isInt: areInts,
    };
    variant = { kernel: gpu.kernel(texts[kind](form, slots)), form };
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
  batchWalk(form).write(recorder, loops, slots.starts);
  recorder.dispatch(kernel, slots.memories, count, kind === "tile" || kind === "group", size * k);
}
