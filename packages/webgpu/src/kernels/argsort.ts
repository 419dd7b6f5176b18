import type { View } from "@thalweg/kernels";
import { collapse } from "@thalweg/kernels";
import type { Block } from "../device/block";
import type { Gpu } from "../device/gpu";
import { Slots } from "../device/slots";
import { isInt } from "../device/storage";
import { bits, scalarType } from "../wgsl/types";
import { walkOf } from "../wgsl/walk";
import { axisStarts } from "./axis-starts";

/** Lines up to this length are sorted by counting. */
const short = 512;

/** Maps ints to unsigned keys in the same order. `turn` inverts the bits for descending order. */
const intKey = "fn key(x: i32) -> u32 { return (bitcast<u32>(x) ^ 0x80000000u) ^ args.turn; }";

/** Maps floats to unsigned keys in the same order, with NaN last and both zeros equal. `turn` inverts the bits for descending order. */
const floatKey = `fn key(x: f32) -> u32 {
  let bits = select(bitcast<u32>(x), 0u, x == 0.0);
  let ordered = select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
  return select(ordered, 0xffffffffu, isNaN_(x)) ^ args.turn;
}`;

/** Writes the indices that sort the lines along `dim`, keeping the order of equal elements. */
export function argsort(gpu: Gpu, out: View, input: View, dim: number, descending: boolean): void {
  const { shape, size } = input.layout;
  if (size === 0) return;
  const extent = shape[dim] ?? 1;
  if (extent <= short) count(gpu, out, input, dim, descending);
  else network(gpu, out, input, dim, descending);
}

/** The loops over lines, and the strides along `dim`. */
function along(views: readonly View[], dim: number) {
  const places = axisStarts(views, dim);
  const loops = collapse(places[0]!.shape, places);
  const walk = walkOf("w", loops.extents.length, views.length);
  return { loops, walk, steps: views.map(({ layout }) => layout.strides[dim] ?? 0) };
}

/** Each thread counts the elements that sort before its own. The count is the position of its element. */
function count(gpu: Gpu, out: View, input: View, dim: number, descending: boolean): void {
  const { shape, size } = input.layout;
  const slots = new Slots();
  const [to, from] = [slots.add(out, true), slots.add(input)];
  const { loops, walk, steps } = along([out, input], dim);
  const isDataInt = isInt(input);
  const kernel = gpu.cached(`argsort ${walk.rank} ${isDataInt}`, slots, () => ({
    name: "argsort",
    bindings: slots.bindings("i32"),
    fields: ["n: u32", "extent: u32", "turn: u32", "s0: i32", "s1: i32", ...walk.fields],
    globals: isDataInt ? intKey : floatKey,
    body: `if (thread >= args.n) { return; }
let i = thread % args.extent;
let at = thread / args.extent;
${walk.code("at")}
let own = key(${bits.load(isDataInt, `b${from}[wp1 + i32(i) * args.s1]`)});
var place = 0;
for (var j = 0u; j < args.extent; j++) {
  let other = key(${bits.load(isDataInt, `b${from}[wp1 + i32(j) * args.s1]`)});
  place += select(0, 1, other < own || (other == own && j < i));
}
b${to}[wp0 + place * args.s0] = i32(i);`,
  }));
  const { recorder } = gpu;
  recorder.u32(size);
  recorder.u32(shape[dim] ?? 1);
  recorder.u32(descending ? 0xffffffff : 0);
  for (const step of steps) recorder.i32(step);
  walk.write(recorder, loops, slots.starts);
  recorder.dispatch(kernel, slots.memories, size, false, size * (shape[dim] ?? 1));
}

/** Batcher's bitonic network over pairs of key and index. No two pairs are equal, so equal elements keep their order. */
function network(gpu: Gpu, out: View, input: View, dim: number, descending: boolean): void {
  const { shape, size } = input.layout;
  const extent = shape[dim]!;
  const count = size / extent;
  const width = 2 ** Math.ceil(Math.log2(extent));
  const total = count * width;
  const keys = gpu.acquire(total, [count, width], { whole: true });
  const indices = gpu.acquire(total, [count, width], { whole: true });
  fill(gpu, keys, indices, input, dim, { extent, width, total, turn: descending ? 0xffffffff : 0 });
  for (let run = 2; run <= width; run *= 2) {
    for (let distance = run / 2; distance >= 1; distance /= 2) {
      exchange(gpu, keys, indices, { run, distance, width, pairs: total / 2 });
    }
  }
  store(gpu, out, indices, dim, extent, width);
  gpu.release(keys);
  gpu.release(indices);
}

function fill(
  gpu: Gpu,
  keys: Block,
  indices: Block,
  input: View,
  dim: number,
  { extent, width, total, turn }: { extent: number; width: number; total: number; turn: number },
): void {
  const slots = new Slots();
  const from = slots.add(input);
  slots.addBlock(keys, true);
  slots.addBlock(indices, true);
  const { loops, walk, steps } = along([input], dim);
  const isDataInt = isInt(input);
  const kernel = gpu.cached(`argsort fill ${walk.rank} ${isDataInt}`, slots, () => ({
    name: "argsort: fill",
    bindings: slots.bindings("u32").with(from, { type: scalarType(isDataInt), written: false }),
    fields: ["n: u32", "extent: u32", "width: u32", "turn: u32", "s0: i32", ...walk.fields],
    globals: isDataInt ? intKey : floatKey,
    body: `if (thread >= args.n) { return; }
let i = thread % args.width;
let at = thread / args.width;
${walk.code("at")}
// Padding sorts last: no key is larger, and its index is larger than those of equal keys.
b1[thread] = 0xffffffffu;
if (i < args.extent) { b1[thread] = key(b0[wp0 + i32(i) * args.s0]); }
b2[thread] = i;`,
  }));
  const { recorder } = gpu;
  recorder.u32(total);
  recorder.u32(extent);
  recorder.u32(width);
  recorder.u32(turn);
  recorder.i32(steps[0]!);
  walk.write(recorder, loops, slots.starts);
  recorder.dispatch(kernel, slots.memories, total);
}

function exchange(
  gpu: Gpu,
  keys: Block,
  indices: Block,
  { run, distance, width, pairs }: { run: number; distance: number; width: number; pairs: number },
): void {
  const slots = new Slots();
  slots.addBlock(keys, true);
  slots.addBlock(indices, true);
  const kernel = gpu.cached("argsort exchange", slots, () => ({
    name: "argsort: exchange",
    bindings: slots.bindings("u32"),
    fields: ["n: u32", "run: u32", "distance: u32", "width: u32"],
    body: `if (thread >= args.n) { return; }
let i = thread / args.distance * args.distance * 2u + thread % args.distance;
let j = i + args.distance;
let isLess = b0[j] < b0[i] || (b0[j] == b0[i] && b1[j] < b1[i]);
let isUp = ((i % args.width) & args.run) == 0u;
if (isLess == isUp) {
  let first = b0[i];
  b0[i] = b0[j];
  b0[j] = first;
  let index = b1[i];
  b1[i] = b1[j];
  b1[j] = index;
}`,
  }));
  const { recorder } = gpu;
  recorder.u32(pairs);
  recorder.u32(run);
  recorder.u32(distance);
  recorder.u32(width);
  recorder.dispatch(kernel, slots.memories, pairs);
}

function store(gpu: Gpu, out: View, indices: Block, dim: number, extent: number, width: number): void {
  const slots = new Slots();
  const to = slots.add(out, true);
  slots.addBlock(indices);
  const { loops, walk, steps } = along([out], dim);
  const kernel = gpu.cached(`argsort store ${walk.rank}`, slots, () => ({
    name: "argsort: store",
    bindings: slots.bindings("u32").with(to, { type: "i32", written: true }),
    fields: ["n: u32", "extent: u32", "width: u32", "s0: i32", ...walk.fields],
    body: `if (thread >= args.n) { return; }
let i = thread % args.extent;
let at = thread / args.extent;
${walk.code("at")}
b0[wp0 + i32(i) * args.s0] = i32(b1[at * args.width + i]);`,
  }));
  const { recorder } = gpu;
  recorder.u32(out.layout.size);
  recorder.u32(extent);
  recorder.u32(width);
  recorder.i32(steps[0]!);
  walk.write(recorder, loops, slots.starts);
  recorder.dispatch(kernel, slots.memories, out.layout.size);
}
