import type { View } from "@thalweg/kernels";
import { collapse } from "@thalweg/kernels";
import type { Gpu } from "../device/gpu";
import { Slots } from "../device/slots";
import { isInt } from "../device/storage";
import { scalarType } from "../wgsl/types";
import { walkOf } from "../wgsl/walk";
import { threads } from "../wgsl/workgroup";
import { axisStarts } from "./axis-starts";

/** One thread computes a line up to this length, in order. */
const short = 1024;

/**
 * Records the recurrence `out[i] = a[i]·out[i - 1] + b[i]` along `dim`. Long lines are divided into runs. Each run is a
 * linear function of the value before it, and these functions, composed in order, determine where every run starts.
 */
export function scan(gpu: Gpu, out: View, a: View, b: View, dim: number): void {
  const { shape, size } = out.layout;
  if (size === 0) return;
  const extent = shape[dim] ?? 1;
  const count = size / extent;
  const slots = new Slots();
  const [to, factor, term] = [slots.add(out, true), slots.add(a), slots.add(b)];
  const views = [out, a, b];
  const places = axisStarts(views, dim);
  const loops = collapse(places[0]!.shape, places);
  const walk = walkOf("w", loops.extents.length, 3);
  const grouped = extent > short;
  const id = grouped ? "group" : "thread";
  const type = scalarType(isInt(out));
  const factorAt = `b${factor}[wp1 + i32(i) * args.s1]`;
  const termAt = `b${term}[wp2 + i32(i) * args.s2]`;
  const next = `if (i == 0u) { value = ${termAt}; } else { value = ${factorAt} * value + ${termAt}; }`;
  const kernel = gpu.cached(`scan ${+grouped} ${walk.rank} ${type}`, slots, () => ({
    name: "scan",
    bindings: slots.bindings(type),
    fields: ["count: u32", "extent: u32", "run: u32", "s0: i32", "s1: i32", "s2: i32", ...walk.fields],
    globals: grouped
      ? `var<workgroup> slopes: array<${type}, ${threads}>;\nvar<workgroup> starts: array<${type}, ${threads}>;`
      : "",
    body: `if (${id} >= args.count) { return; }
${walk.code(id)}
let first = ${grouped ? "lane * args.run" : "0u"};
let end = min(args.extent, first + args.run);
var value = ${type}(0);
${
  grouped
    ? `var slope = ${type}(1);
for (var i = first; i < end; i++) {
  ${next}
  slope *= ${factorAt};
}
slopes[lane] = slope;
starts[lane] = value;
workgroupBarrier();
if (lane == 0u) {
  var start = ${type}(0);
  for (var k = 0u; k < ${threads}u; k++) {
    // ∞ · 0 would be NaN.
    let after = select(slopes[k] * start, ${type}(0), start == ${type}(0)) + starts[k];
    starts[k] = start;
    start = after;
  }
}
workgroupBarrier();
value = starts[lane];`
    : ""
}
for (var i = first; i < end; i++) {
  ${next}
  b${to}[wp0 + i32(i) * args.s0] = value;
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
