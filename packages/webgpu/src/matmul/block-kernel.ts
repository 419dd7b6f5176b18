import type { KernelText } from "../device/kernel";
import type { Slots } from "../device/slots";
import { type ProductForm, productText } from "./product-form";
import { components, fetchSquare, four, storeFour } from "./square";

/** Large blocks are few. Smaller workgroups spread them over all cores. */
const fewThreads = 16;

/** A matrix product in blocks of `side` by `side` squares of 4 by 4. One thread computes each block. */
export function blockKernel(form: ProductForm, slots: Slots): KernelText {
  const { bindings, fields, globals, batch, element } = productText(form, slots);
  const { side } = form;
  const squares = Array.from({ length: side }, (_, s) => s);
  const left = squares.map((s) => fetchSquare(form, element, `a${s}_`, 1));
  const right = squares.map((t) => fetchSquare(form, element, `b${t}_`, 2));
  const each = <T>(body: (s: number, t: number, i: number) => T) =>
    squares.flatMap((s) => squares.flatMap((t) => four.map((i) => body(s, t, i))));
  const places = (name: string) =>
    squares.map((s) => `let ${name}${s}__across = ${name}_across + ${4 * s};`).join("\n");
  return {
    name: `matmul, blocks of ${4 * side} by ${4 * side}`,
    ...(side > 1 ? { threads: fewThreads } : {}),
    bindings,
    fields,
    globals,
    body: `if (thread >= args.count) { return; }
let across = u32(args.n + ${4 * side - 1}) / ${4 * side}u;
let down = u32(args.m + ${4 * side - 1}) / ${4 * side}u;
let a_across = i32(thread / across % down) * ${4 * side};
let b_across = i32(thread % across) * ${4 * side};
${places("a")}
${places("b")}
${batch("thread / across / down")}
${each((s, t, i) => `var sum${s}_${t}_${i} = vec4<f32>();`).join("\n")}
${[...left, ...right].map(({ before }) => before).join("\n")}
for (var k = 0; k < args.k; k += 4) {
${squares.map((s) => `let a${s}__along = k;\nlet b${s}__along = k;`).join("\n")}
${[...left, ...right].map(({ within }) => within).join("\n")}
${each((s, t, i) => {
  const products = four.map((j) => `a${s}_${i}.${components[j]} * b${t}_${j}`);
  // The accumulator may be in memory, so it gets one addition instead of four.
  return `sum${s}_${t}_${i} += ${products.join(" + ")};`;
}).join("\n")}
}
${each((s, t, i) =>
  storeFour(form, element, `sum${s}_${t}_${i}`, `a${s}__across + ${i}`, `b${t}__across`),
).join("\n")}`,
  };
}
