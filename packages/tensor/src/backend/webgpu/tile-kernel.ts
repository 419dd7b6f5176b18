import type { KernelText } from "./kernel";
import { type ProductForm, productText, type Reading } from "./product-form";
import type { Slots } from "./slots";

/** Rows and fours of columns of one thread; threads are 8 by 8. */
const [rows, fours] = [8, 2];

/** Threads of a workgroup, and the tile of the result that it computes. */
export const threads = 64;
export const tile = { rows: 8 * rows, columns: 32 * fours } as const;

/** Terms of the sums between two barriers. Each thread fetches a square of 4 by 4 of both sides. */
const depth = 16;

const four = [0, 1, 2, 3];
const components = ["x", "y", "z", "w"];

/** Rows of a 4 x 4 matrix that is given by columns, or the other way round. */
function transposed(from: string, to: string): string[] {
  return components.map((c, i) => `let ${to}${i} = vec4<f32>(${four.map((j) => `${from}${j}.${c}`).join(", ")});`);
}

/**
 * Fetches a square of one side: 4 positions across the sum from `across` on, 4 terms from `along` on. Leaves
 * `<name>0` to `<name>3`, fours along the sum for the left side, across it for the right one; zero behind
 * its end.
 */
function fetch(
  name: string,
  operand: number,
  reading: Reading,
  element: (operand: number, position: string) => string,
  slot: number,
): string {
  const isLeft = operand === 1;
  const [stepAcross, stepAlong] = isLeft ? ["r1", "c1"] : ["c2", "r2"];
  const extent = isLeft ? "args.m" : "args.n";
  const [start, first] = [`starts[${operand}]`, `${name}_first`];
  const lines: string[] = [];
  // Behind the last row or column anything may be read: nothing of it is stored.
  const place = (i: number) => `${start} + min(${name}_across + ${i}, ${extent} - 1) * args.${stepAcross}`;
  const raw = reading === "across" ? `${name}t` : `${name}a`;
  if (reading === "across") {
    lines.push(`let ${first} = ${start} + min(${name}_across, ${extent} - 4);`);
    for (const j of four) {
      const at = `(${first} + (${name}_along + ${j}) * args.${stepAlong}) / 4`;
      lines.push(`var ${raw}${j} = vec4<f32>();`);
      lines.push(`if (${name}_along + ${j} < args.k) { ${raw}${j} = b${slot}[${at}]; }`);
    }
  } else {
    for (const i of four) {
      lines.push(`let ${name}p${i} = ${place(i)};`, `var ${raw}${i} = vec4<f32>();`);
      if (reading === "along") {
        lines.push(
          `if (${name}_along < args.k) { ${raw}${i} = b${slot}[(${name}p${i} + ${name}_along) / 4]; }`,
        );
      } else {
        for (const j of four) {
          const at = element(operand, `${name}p${i} + (${name}_along + ${j}) * args.${stepAlong}`);
          lines.push(`if (${name}_along + ${j} < args.k) { ${raw}${i}.${components[j]} = ${at}; }`);
        }
      }
    }
  }
  // The left side is wanted along the sum, the right one across it.
  if ((reading === "across") === isLeft) lines.push(...transposed(raw, name));
  else for (const i of four) lines.push(`let ${name}${i} = ${raw}${i};`);
  return lines.join("\n");
}

/** A matrix product in tiles, that pass through shared memory. */
export function tileKernel(form: ProductForm, slots: Slots): KernelText {
  const { bindings, fields, globals, batch, element } = productText(form, slots);
  const { left, right, quads } = form;
  const width = depth / 4;
  const columnFours = tile.columns / 4;
  // Neighbouring threads fetch neighbouring memory.
  const square = (name: string, reading: Reading, squares: number) =>
    reading === "across"
      ? `let ${name}_s = i32(lane) % ${squares};\nlet ${name}_d = i32(lane) / ${squares};`
      : `let ${name}_s = i32(lane) / ${width};\nlet ${name}_d = i32(lane) % ${width};`;
  const accumulators = Array.from({ length: rows * fours }, (_, i) => [Math.floor(i / fours), i % fours] as const);
  const step = (j: number) => [
    ...Array.from(
      { length: fours },
      (_, c) => `let v${j}_${c} = right_tile[(d * 4 + ${j}) * ${columnFours} + x + ${8 * c}];`,
    ),
    ...accumulators.map(([i, c]) => `sum${i}_${c} += u${i}.${components[j]} * v${j}_${c};`),
  ];
  const stores = accumulators.map(([i, c]) => {
    const at = `starts[0] + row * args.r0 + (column + COLUMN) * args.c0`;
    const value = (j: number) => `finished(sum${i}_${c}.${components[j]}, row, column + ${j})`;
    const write = quads
      ? `if (column < args.n) { b${form.slots[0]}[(${at.replace("COLUMN", "0")}) / 4] = vec4<f32>(${four.map(value).join(", ")}); }`
      : four
          .map((j) => `if (column + ${j} < args.n) { ${element(0, at.replace("COLUMN", `${j}`))} = ${value(j)}; }`)
          .join("\n");
    return `if (top + ${i} < args.m) {
let row = top + ${i};
let column = side + ${32 * c};
${write}
}`;
  });
  return {
    name: "matmul",
    bindings,
    fields,
    threads,
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
${square("a", left, tile.rows / 4)}
${square("b", right, columnFours)}
let a_across = first_row + a_s * 4;
let b_across = first_column + b_s * 4;
${accumulators.map(([i, c]) => `var sum${i}_${c} = vec4<f32>();`).join("\n")}
for (var k = 0; k < args.k; k += ${depth}) {
let a_along = k + a_d * 4;
let b_along = k + b_d * 4;
${fetch("a", 1, left, element, form.slots[1]!)}
${fetch("b", 2, right, element, form.slots[2]!)}
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
