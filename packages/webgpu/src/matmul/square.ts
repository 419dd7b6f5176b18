import type { ProductForm } from "./product-form";

type Element = (operand: number, position: string) => string;

export const four = [0, 1, 2, 3];
export const components = ["x", "y", "z", "w"];

/** Statements that transpose a 4 x 4 matrix of four vectors. */
function transposed(from: string, to: string): string[] {
  return components.map(
    (c, i) => `let ${to}${i} = vec4<f32>(${four.map((j) => `${from}${j}.${c}`).join(", ")});`,
  );
}

/** Statements for before the loop over the terms, and for within it. */
interface Fetch {
  readonly before: string;
  readonly within: string;
}

/**
 * Fetches a square of one side: 4 positions across the sum from `<name>_across` on, by 4 terms from `<name>_along` on.
 * The vectors `<name>0` to `<name>3` run along the sum for the left side, and across it for the right side. Terms past
 * the end of the sum are zero.
 */
export function fetchSquare(form: ProductForm, element: Element, name: string, operand: 1 | 2): Fetch {
  const isLeft = operand === 1;
  const reading = isLeft ? form.left : form.right;
  const buffer = `b${form.slots[operand]!}`;
  const [stepAcross, stepAlong] = isLeft ? ["args.r1", "args.c1"] : ["args.c2", "args.r2"];
  const extent = isLeft ? "args.m" : "args.n";
  const start = `zp${operand}`;
  /** The value at a term, or `none` past the end of the sum, where the last term is read and discarded. */
  const term = (j: number, read: (place: string) => string, none: string) => {
    const place = `${name}_along + ${j}`;
    if (form.isWhole) return read(`(${place})`);
    return `select(${none}, ${read(`min(${place}, args.k - 1)`)}, ${place} < args.k)`;
  };
  const before: string[] = [];
  const lines: string[] = [];
  const raw = `${name}_raw`;
  if (reading === "across") {
    // Past the last row or column any element may be read, because its results are not stored.
    before.push(`let ${name}_first = ${start} + min(${name}_across, ${extent} - 4);`);
    for (const j of four) {
      const read = (place: string) => `${buffer}[(${name}_first + ${place} * ${stepAlong}) >> 2u]`;
      lines.push(`let ${raw}${j} = ${term(j, read, "vec4<f32>()")};`);
    }
  } else {
    for (const i of four) {
      before.push(
        `let ${name}_row${i} = ${start} + min(${name}_across + ${i}, ${extent} - 1) * ${stepAcross};`,
      );
      const read = (place: string) =>
        reading === "along"
          ? `${buffer}[(${name}_row${i} + ${place}) >> 2u]`
          : element(operand, `${name}_row${i} + ${place} * ${stepAlong}`);
      const value =
        reading === "along"
          ? term(0, read, "vec4<f32>()")
          : `vec4<f32>(${four.map((j) => term(j, read, "0.0")).join(", ")})`;
      lines.push(`let ${raw}${i} = ${value};`);
    }
  }
  // The left side is needed along the sum, the right side across it.
  if ((reading === "across") === isLeft) lines.push(...transposed(raw, name));
  else for (const i of four) lines.push(`let ${name}${i} = ${raw}${i};`);
  return { before: before.join("\n"), within: lines.join("\n") };
}

/** Stores four sums as elements of a row, from a column on, where they are inside the result. */
export function storeFour(
  { quads, slots }: ProductForm,
  element: Element,
  sums: string,
  row: string,
  column: string,
): string {
  const place = (j: number) => `starts[0] + row * args.r0 + (column + ${j}) * args.c0`;
  const value = (j: number) => `finished(${sums}.${components[j]}, row, column + ${j})`;
  const write = quads
    ? `if (column < args.n) { b${slots[0]}[(${place(0)}) >> 2u] = vec4<f32>(${four.map(value).join(", ")}); }`
    : four.map((j) => `if (column + ${j} < args.n) { ${element(0, place(j))} = ${value(j)}; }`).join("\n");
  return `if (${row} < args.m) {
let row = ${row};
let column = ${column};
${write}
}`;
}
