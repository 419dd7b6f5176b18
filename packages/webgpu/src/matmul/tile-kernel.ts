import type { KernelText } from "../device/kernel";
import type { Slots } from "../device/slots";
import { type ProductForm, productText, type Reading } from "./product-form";
import { components, fetchSquare, four, storeFour } from "./square";

/** Number of rows and of fours of columns for each thread. A workgroup has 8 by 8 threads. */
const [rows, fours] = [8, 2];

/**
 * The tile of the result that a workgroup computes. `depth` is the number of terms between two barriers; with 16, each
 * thread fetches one square of 4 by 4 of both sides.
 */
export const tile = { rows: 8 * rows, columns: 32 * fours, depth: 16 } as const;

/** A matrix product in tiles. Both sides pass through shared memory. */
export function tileKernel(form: ProductForm, slots: Slots): KernelText {
  const { bindings, fields, globals, batch, element } = productText(form, slots);
  const left = fetchSquare(form, element, "a", 1);
  const right = fetchSquare(form, element, "b", 2);
  const { depth } = tile;
  const width = depth / 4;
  const columnFours = tile.columns / 4;
  // Neighbouring threads read neighbouring memory.
  const square = (name: string, reading: Reading, squares: number) =>
    reading === "across"
      ? `let ${name}_s = i32(lane) % ${squares};\nlet ${name}_d = i32(lane) / ${squares};`
      : `let ${name}_s = i32(lane) / ${width};\nlet ${name}_d = i32(lane) % ${width};`;
  const accumulators = Array.from(
    { length: rows * fours },
    (_, i) => [Math.floor(i / fours), i % fours] as const,
  );
  const step = (j: number) => [
    ...Array.from(
      { length: fours },
      (_, c) => `let v${j}_${c} = right_tile[(d * 4 + ${j}) * ${columnFours} + x + ${8 * c}];`,
    ),
    ...accumulators.map(([i, c]) => `sum${i}_${c} += u${i}.${components[j]} * v${j}_${c};`),
  ];
  const stores = accumulators.map(([i, c]) =>
    storeFour(form, element, `sum${i}_${c}`, `top + ${i}`, `side + ${32 * c}`),
  );
  return {
    name: "matmul",
    bindings,
    fields,
    globals: `${globals}
var<workgroup> left_tile: array<vec4<f32>, ${tile.rows * width}>;
var<workgroup> right_tile: array<vec4<f32>, ${depth * columnFours}>;`,
    body: `if (group >= args.count) { return; }
let across = u32(args.n + ${tile.columns - 1}) / ${tile.columns}u;
let down = u32(args.m + ${tile.rows - 1}) / ${tile.rows}u;
let first_row = i32(group / across % down) * ${tile.rows};
let first_column = i32(group % across) * ${tile.columns};
${batch("group / across / down")}
let x = i32(lane) % 8;
let y = i32(lane) / 8;
${square("a", form.left, tile.rows / 4)}
${square("b", form.right, columnFours)}
let a_across = first_row + a_s * 4;
let b_across = first_column + b_s * 4;
${accumulators.map(([i, c]) => `var sum${i}_${c} = vec4<f32>();`).join("\n")}
${left.before}
${right.before}
for (var k = 0; k < args.k; k += ${depth}) {
let a_along = k + a_d * 4;
let b_along = k + b_d * 4;
${left.within}
${right.within}
workgroupBarrier();
${four.map((i) => `left_tile[(a_s * 4 + ${i}) * ${width} + a_d] = a${i};`).join("\n")}
${four.map((j) => `right_tile[(b_d * 4 + ${j}) * ${columnFours} + b_s] = b${j};`).join("\n")}
workgroupBarrier();
for (var d = 0; d < ${width}; d++) {
${Array.from({ length: rows }, (_, i) => `let u${i} = left_tile[(y * ${rows} + ${i}) * ${width} + d];`).join("\n")}
${four.flatMap(step).join("\n")}
}
}
let top = first_row + y * ${rows};
let side = first_column + x * 4;
${stores.join("\n")}`,
  };
}
