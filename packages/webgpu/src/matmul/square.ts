import type { ProductForm } from "./product-form";

type Element = (operand: number, position: string) => string;

export const four = [0, 1, 2, 3];
export const components = ["x", "y", "z", "w"];

/** Rows of a 4 x 4 matrix that is given by columns, or the other way round. */
function transposed(from: string, to: string): string[] {
  return components.map(
    (c, i) => `let ${to}${i} = vec4<f32>(${four.map((j) => `${from}${j}.${c}`).join(", ")});`,
  );
}

/** Statements before the loop over the terms, and in it. */
interface Fetch {
  readonly before: string;
  readonly within: string;
}

/**
 * Fetches a square of one side: 4 positions across the sum from `<name>_across` on, 4 terms from
 * `<name>_along` on. Leaves `<name>0` to `<name>3`, fours along the sum for the left side, across it for the
 * right one; zero behind the end of the sum.
 */
export function fetchSquare(form: ProductForm, element: Element, name: string, operand: 1 | 2): Fetch {
  const isLeft = operand === 1;
  const reading = isLeft ? form.left : form.right;
  const buffer = `b${form.slots[operand]!}`;
  const [stepAcross, stepAlong] = isLeft ? ["args.r1", "args.c1"] : ["args.c2", "args.r2"];
  const extent = isLeft ? "args.m" : "args.n";
  const start = `zp${operand}`;
  /** What stands at a term, if the sum goes so far; else something is read all the same, and not taken. */
  const term = (j: number, read: (place: string) => string, none: string) => {
    const place = `${name}_along + ${j}`;
    if (form.isWhole) return read(`(${place})`);
    return `select(${none}, ${read(`min(${place}, args.k - 1)`)}, ${place} < args.k)`;
  };
  const before: string[] = [];
  const lines: string[] = [];
  const raw = `${name}_raw`;
  if (reading === "across") {
    // Behind the last row or column anything may be read: nothing of it is stored.
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
  // The left side is wanted along the sum, the right one across it.
  if ((reading === "across") === isLeft) lines.push(...transposed(raw, name));
  else for (const i of four) lines.push(`let ${name}${i} = ${raw}${i};`);
  return { before: before.join("\n"), within: lines.join("\n") };
}

/** Stores four sums, the elements of a row from a column on, if they are inside of the result. */
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
