import type { View } from "@thalweg/kernels";
import { collapse } from "@thalweg/kernels";
import type { Gpu } from "../device/gpu";
import { Slots } from "../device/slots";
import { isInt } from "../device/storage";
import { bits, scalarType } from "../wgsl/types";
import { walkOf } from "../wgsl/walk";
import { threads } from "../wgsl/workgroup";
import { axisStarts } from "./axis-starts";

/** One thread computes a line up to this length, in order. */
const short = 1024;

/**
 * Index of the extreme element so far, the last of equal ones; NaN wins. Long lines are divided into runs: each starts from
 * the extreme element of the runs before it.
 */
export function argScan(gpu: Gpu, kind: "max" | "min", out: View, input: View, dim: number): void {
  const { shape, size } = out.layout;
  if (size === 0) return;
  const extent = shape[dim] ?? 1;
  const count = size / extent;
  const slots = new Slots();
  const [to, from] = [slots.add(out, true), slots.add(input)];
  const views = [out, input];
  const places = axisStarts(views, dim);
  const loops = collapse(places[0]!.shape, places);
  const walk = walkOf("w", loops.extents.length, 2);
  const grouped = extent > short;
  const id = grouped ? "group" : "thread";
  const isDataInt = isInt(input);
  const type = scalarType(isDataInt);
  const isNaN = (value: string) => (isDataInt ? "false" : `isNaN_(${value})`);
  const valueAt = (i: string) => bits.load(isDataInt, `b${from}[wp1 + i32(${i}) * args.s1]`);
  const next = (i: string) => `let value = ${valueAt(i)};
  if (${isNaN("value")} || (!${isNaN("best")} && value ${kind === "max" ? ">=" : "<="} best)) {
    best = value;
    at = ${i};
  }`;
  const kernel = gpu.cached(`argScan ${kind} ${+grouped} ${walk.rank} ${type}`, slots, () => ({
    name: `argScan ${kind}`,
    bindings: slots.bindings("i32"),
    fields: ["count: u32", "extent: u32", "run: u32", "s0: i32", "s1: i32", ...walk.fields],
    globals: grouped ? `var<workgroup> extremes: array<u32, ${threads}>;` : "",
    body: `if (${id} >= args.count) { return; }
${walk.code(id)}
let first = ${grouped ? "min(args.extent, lane * args.run)" : "0u"};
let end = min(args.extent, first + args.run);
var at = ${grouped ? "min(first, args.extent - 1u)" : "0u"};
var best = ${valueAt("at")};
${
  grouped
    ? `for (var i = first; i < end; i++) {
  ${next("i")}
}
extremes[lane] = at;
workgroupBarrier();
at = min(first, args.extent - 1u);
best = ${valueAt("at")};
if (lane > 0u) {
  at = 0u;
  best = ${valueAt("0u")};
  for (var k = 0u; k < lane; k++) {
    let i = extremes[k];
    ${next("i")}
  }
}`
    : ""
}
for (var i = first; i < end; i++) {
  ${next("i")}
  b${to}[wp0 + i32(i) * args.s0] = i32(at);
}`,
  }));
  const { recorder } = gpu;
  recorder.u32(count);
  recorder.u32(extent);
  recorder.u32(grouped ? Math.ceil(extent / threads) : extent);
  for (const { layout } of views) recorder.i32(layout.strides[dim] ?? 0);
  walk.write(recorder, loops, slots.starts);
  recorder.dispatch(kernel, slots.memories, count, grouped, size);
}
