import type { View } from "@thalweg/kernels";
import { collapse } from "@thalweg/kernels";
import type { Gpu } from "../device/gpu";
import { Slots } from "../device/slots";
import { isInt } from "../device/storage";
import { bits, scalarType } from "../wgsl/types";
import { walkOf } from "../wgsl/walk";
import { threads } from "../wgsl/workgroup";
import { axisStarts } from "./axis-starts";

const nanWins = `if (isNaN_(a) != isNaN_(b)) { return isNaN_(a); }
  if (isNaN_(a)) { return i < j; }
  `;

/** Index of the first extreme element of each line. NaN wins. */
export function argReduce(gpu: Gpu, kind: "max" | "min", out: View, input: View, dim: number): void {
  const extent = input.layout.shape[dim] ?? 1;
  const count = out.layout.size;
  if (count === 0 || extent === 0) return;
  const slots = new Slots();
  const [to, from] = [slots.add(out, true), slots.add(input)];
  const places = axisStarts([out, input], dim);
  const loops = collapse(places[0]!.shape, places);
  const walk = walkOf("w", loops.extents.length, 2);
  const grouped = gpu.sharesRows(count, extent);
  const id = grouped ? "group" : "thread";
  const isDataInt = isInt(input);
  const type = scalarType(isDataInt);
  const worst = isDataInt
    ? `i32(${kind === "max" ? -(2 ** 31) : 2 ** 31 - 1})`
    : kind === "max"
      ? "-inf_()"
      : "inf_()";
  const kernel = gpu.cached(`arg${kind} ${+grouped} ${walk.rank} ${type}`, slots, () => ({
    name: `arg${kind}`,
    bindings: slots.bindings("i32"),
    fields: ["count: u32", "extent: u32", "step: i32", ...walk.fields],
    globals: `fn wins(a: ${type}, i: u32, b: ${type}, j: u32) -> bool {
  ${isDataInt ? "" : nanWins}if (a == b) { return i < j; }
  return a ${kind === "max" ? ">" : "<"} b;
}
${grouped ? `var<workgroup> values: array<${type}, ${threads}>;\nvar<workgroup> indices: array<u32, ${threads}>;` : ""}`,
    body: `if (${id} >= args.count) { return; }
${walk.code(id)}
var best = ${worst};
var at = 0xffffffffu;
for (var i = ${grouped ? "lane" : "0u"}; i < args.extent; i += ${grouped ? threads : 1}u) {
  let value = ${bits.load(isDataInt, `b${from}[wp1 + i32(i) * args.step]`)};
  if (wins(value, i, best, at)) {
    best = value;
    at = i;
  }
}
${
  grouped
    ? `values[lane] = best;
indices[lane] = at;
workgroupBarrier();
if (lane == 0u) {
  for (var k = 1u; k < ${threads}u; k++) {
    if (wins(values[k], indices[k], best, at)) {
      best = values[k];
      at = indices[k];
    }
  }
  b${to}[wp0] = i32(at);
}`
    : `b${to}[wp0] = i32(at);`
}`,
  }));
  const { recorder } = gpu;
  recorder.u32(count);
  recorder.u32(extent);
  recorder.i32(input.layout.strides[dim] ?? 0);
  walk.write(recorder, loops, slots.starts);
  recorder.dispatch(kernel, slots.memories, count, grouped, count * extent);
}
