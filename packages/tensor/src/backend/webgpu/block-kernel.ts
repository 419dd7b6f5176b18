import type { KernelText } from "./kernel";
import { type ProductForm, productText } from "./product-form";
import type { Slots } from "./slots";
import { components, fetchSquare, four, storeFour } from "./square";

/** A matrix product in squares of 4 by 4, each the work of a thread. */
export function blockKernel(form: ProductForm, slots: Slots): KernelText {
  const { bindings, fields, globals, batch, element } = productText(form, slots);
  const left = fetchSquare(form, element, "a", 1);
  const right = fetchSquare(form, element, "b", 2);
  return {
    name: "matmul",
    bindings,
    fields,
    globals,
    body: `if (thread >= args.count) { return; }
let across = u32(args.n + 3) / 4u;
let down = u32(args.m + 3) / 4u;
let a_across = i32(thread / across % down) * 4;
let b_across = i32(thread % across) * 4;
${batch("thread / across / down")}
${four.map((i) => `var sum${i} = vec4<f32>();`).join("\n")}
${left.before}
${right.before}
for (var k = 0; k < args.k; k += 4) {
let a_along = k;
let b_along = k;
${left.within}
${right.within}
${four.map((i) => four.map((j) => `sum${i} += a${i}.${components[j]} * b${j};`).join("\n")).join("\n")}
}
${four.map((i) => storeFour(form, element, `sum${i}`, `a_across + ${i}`, "b_across")).join("\n")}`,
  };
}
