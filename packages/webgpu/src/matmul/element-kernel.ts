import type { KernelText } from "../device/kernel";
import type { Slots } from "../device/slots";
import { scalarType } from "../wgsl/types";
import { shared, threads, together } from "../wgsl/workgroup";
import { type ProductForm, productText } from "./product-form";

/** A matrix product in which a thread, or for long sums a workgroup, computes each element. */
export function elementKernel(form: ProductForm, grouped: boolean, slots: Slots): KernelText {
  const { bindings, fields, globals, batch, element } = productText(form, slots);
  const id = grouped ? "group" : "thread";
  const write = `${element(0, "starts[0] + row * args.r0 + column * args.c0")} = finished(${
    grouped ? "total" : "sum"
  }, row, column);`;
  return {
    name: "matmul",
    bindings,
    fields,
    globals: `${globals}\n${grouped ? shared(form.isInt) : ""}`,
    body: `if (${id} >= args.count) { return; }
let column = i32(${id} % u32(args.n));
let row = i32(${id} / u32(args.n) % u32(args.m));
${batch(`${id} / u32(args.n) / u32(args.m)`)}
let left = starts[1] + row * args.r1;
let right = starts[2] + column * args.c2;
var sum = ${scalarType(form.isInt)}(0);
for (var p = ${grouped ? "i32(lane)" : "0"}; p < args.k; p += ${grouped ? threads : 1}) {
  sum += ${element(1, "left + p * args.c1")} * ${element(2, "right + p * args.r2")};
}
${grouped ? `${together("sum", "total", "sum", form.isInt)}\nif (lane == 0u) { ${write} }` : write}`,
  };
}
