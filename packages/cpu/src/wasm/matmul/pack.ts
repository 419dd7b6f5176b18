import { Assembler, type Code, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, until } from "../assembler/loops";
import { packFours } from "../assembler/transpose";
import { Frame } from "../runtime/frame";
import { kernelOf } from "../runtime/kernel-cache";
import type { Runtime } from "../runtime/runtime";
import type { Matrices } from "./product";

/** How the elements lie: `row` or `step` of the operand is that of neighbours, or neither. */
type Order = "rows" | "steps" | "any";

/** Elements of a row, and the distances of the operand; `rows` are those that are left. */
const frame = new Frame({
  count: "integer",
  row: "integer",
  step: "integer",
  items: { rows: "integer", source: "integer", panel: "integer" },
});

/** Bytes of one panel. Its length is a multiple of four, because transposing writes elements in fours. */
export const onePanel = (width: number, count: number): number => 4 * width * ((count + 3) & ~3);

/** Bytes that the panels of a matrix take. */
export function panelBytes(width: number, rows: number, count: number): number {
  return Math.ceil(rows / width) * onePanel(width, count);
}

/**
 * Copies an operand to panels: `width` elements side by side, one of each row, `count` times. What stands
 * in the place of rows that the last panel lacks is undefined.
 *
 * @param extents of the batch; what is the same in all of a dimension is copied once
 * @returns the copy as an operand of which `width` rows at a time can be used
 */
export function pack(
  runtime: Runtime,
  width: number,
  source: Matrices,
  rows: number,
  count: number,
  extents: readonly number[],
  address: number,
): Matrices {
  const order: Order = source.row === 4 ? "rows" : source.step === 4 ? "steps" : "any";
  const bytes = onePanel(width, count);
  const { loops, steps, batch } = panelTable(source, width, rows, count, extents, width * source.row);
  const items = frame.write(runtime, {
    count,
    row: source.row,
    step: source.step,
    items: { bases: { rows, source: source.address, panel: address }, extents: loops, steps },
  });
  const kernel = kernelOf(runtime, `pack ${order} ${width}`, () => packModule(order, width));
  runtime.launch(kernel, items, (order === "any" ? 1 : 0.6) * width * count);
  return { address, row: bytes / width, step: 4 * width, batch };
}

/**
 * The loops over panels, and how far each moves the rows that are left, the source (`leap` from one panel to the
 * next), and the copy; and how far apart the copies of the matrices of a batch are.
 */
export function panelTable(
  source: Matrices,
  width: number,
  rows: number,
  count: number,
  extents: readonly number[],
  leap: number,
) {
  const loops = [Math.ceil(rows / width)];
  const steps = [{ rows: -width, source: leap, panel: onePanel(width, count) }];
  const batch = extents.map(() => 0);
  let size = panelBytes(width, rows, count);
  for (let d = extents.length - 1; d >= 0; d--) {
    if (source.batch[d] === 0) continue;
    loops.unshift(extents[d]!);
    steps.unshift({ rows: 0, source: source.batch[d]!, panel: size });
    batch[d] = size;
    size *= extents[d]!;
  }
  return { loops, steps, batch };
}

function packModule(order: Order, width: number): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const { count, row, step, items } = frame.read(code, args, {});
    const [source, target, left] = [code.local(type.i32), code.local(type.i32), code.local(type.i32)];
    const copy =
      order === "rows"
        ? copyRows(code, width, step, source, target)
        : copySteps(code, width, row, order === "any" ? step : null, source, target);
    items.walk(from, to, ({ rows, source: start, panel }) => {
      code.get(start).set(source);
      code.get(panel).set(target);
      code.get(count).set(left);
      copy.begin?.(rows);
      until(
        code,
        () => code.get(left).i32(0).op("i32LeS"),
        () => {
          copy.elements();
          increase(code, target, 4 * width * copy.size);
          increase(code, left, -copy.size);
        },
      );
    });
  });
  return assembler;
}

/** Copies `size` elements of each row of a panel; `begin` is told how many rows there are. */
interface Copy {
  readonly size: number;
  begin?(rows: Local): void;
  elements(): void;
}

function copyRows(code: Code, width: number, step: Local, source: Local, target: Local): Copy {
  return {
    size: 1,
    elements() {
      for (let i = 0; i < 4 * width; i += 16) {
        code.get(target).get(source).at("v128Load", i).at("v128Store", i);
      }
      move(code, source, step);
    },
  };
}

/** @param step the distance from one element to the next; null where they are neighbours, which are transposed as vectors */
function copySteps(
  code: Code,
  width: number,
  row: Local,
  step: Local | null,
  source: Local,
  target: Local,
): Copy {
  const pointers = Array.from({ length: width }, () => code.local(type.i32));
  const vectors = Array.from({ length: 4 }, () => code.local(type.v128));
  const offset = code.local(type.i32);
  const load = (i: number) => code.get(pointers[i]!).get(offset).op("i32Add");
  return {
    size: step === null ? 4 : 1,
    begin(rows) {
      code.i32(0).set(offset);
      pointers.forEach((pointer, i) => {
        code.get(source).set(pointer);
        // Rows that are missing repeat the last one.
        code
          .get(row)
          .i32(0)
          .get(rows)
          .i32(i + 1)
          .op("i32GtS", "select");
        code.get(source).op("i32Add").set(source);
      });
    },
    elements() {
      if (step !== null) {
        pointers.forEach((_, i) => {
          code.get(target);
          load(i)
            .at("f32Load")
            .at("f32Store", 4 * i);
        });
        move(code, offset, step);
        return;
      }
      packFours(code, width, target, vectors, load);
      increase(code, offset, 16);
    },
  };
}
