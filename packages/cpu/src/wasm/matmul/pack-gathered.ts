import { Assembler, type Code, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, until } from "../assembler/loops";
import { packFours } from "../assembler/transpose";
import { Frame } from "../runtime/frame";
import { kernelOf } from "../runtime/kernel-cache";
import type { Runtime } from "../runtime/runtime";
import { onePanel, panelTable } from "./pack";
import type { Matrices } from "./product";

/** Whether neighbouring lines, or neighbouring elements of a line, are mostly neighbours in memory. */
type Order = "rows" | "steps";

/** Elements of a row, and the address of their offsets; that of the rows' offsets moves along. */
const frame = new Frame({
  count: "integer",
  stepTable: "integer",
  items: { rows: "integer", source: "integer", panel: "integer", rowTable: "integer" },
});

/** Like `pack`, for an operand whose elements are at the sum of two offsets. */
export function packOffsets(
  runtime: Runtime,
  width: number,
  source: Matrices,
  rows: number,
  count: number,
  extents: readonly number[],
  address: number,
): Matrices {
  const { offsets, tables } = source as Required<Matrices>;
  const order: Order =
    offsets.rows.length > 1 && offsets.rows[1]! - offsets.rows[0]! === 4 ? "rows" : "steps";
  const bytes = onePanel(width, count);
  const table = panelTable(source, width, rows, count, extents, 0);
  // The offsets of the next panel's rows.
  const leap = (d: number) => (d === table.steps.length - 1 ? 4 * width : 0);
  const items = frame.write(runtime, {
    count,
    stepTable: tables.steps,
    items: {
      bases: { rows, source: source.address, panel: address, rowTable: tables.rows },
      extents: table.loops,
      steps: table.steps.map((step, d) => ({ ...step, rowTable: leap(d) })),
    },
  });
  const kernel = kernelOf(runtime, `pack offsets ${order} ${width}`, () => packModule(order, width));
  runtime.launch(kernel, items, 0.6 * width * count);
  return { address, row: bytes / width, step: 4 * width, batch: table.batch };
}

function packModule(order: Order, width: number): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const { count, stepTable, items } = frame.read(code, args, {});
    const integers = (n: number) => Array.from({ length: n }, () => code.local(type.i32));
    const [target, entry, left] = integers(3) as [Local, Local, Local];
    const pointers = integers(width);
    const copy = order === "rows" ? copyRows(code, pointers) : copySteps(code, pointers);
    items.walk(from, to, ({ rows, source: start, panel, rowTable }) => {
      code.get(panel).set(target);
      code.get(stepTable).set(entry);
      code.get(count).set(left);
      pointers.forEach((pointer, i) => {
        // Rows that are missing repeat the last one.
        code.i32(i).get(rows).i32(1).op("i32Sub").get(rows).i32(i).op("i32GtS", "select");
        code.i32(4).op("i32Mul").get(rowTable).op("i32Add").at("i32Load");
        code.get(start).op("i32Add").set(pointer);
      });
      const repeat = (size: number, elements: (at: number) => void) => {
        until(
          code,
          () =>
            code
              .get(left)
              .i32(size === copy.size ? 0 : size - 1)
              .op("i32LeS"),
          () => {
            for (let at = 0; at < size; at += copy.size) elements(at);
            increase(code, target, 4 * width * size);
            increase(code, entry, 4 * size);
            increase(code, left, -size);
          },
        );
      };
      copy.begin((fast) => repeat(4, (at) => fast(target, entry, at)));
      repeat(copy.size, () => copy.elements(target, entry));
    });
  });
  return assembler;
}

/** Puts on the stack whether four variables are addresses of neighbours. */
function areNeighbours(code: Code, [first, ...others]: readonly Local[]): void {
  others.forEach((other, i) => {
    code
      .get(other)
      .get(first!)
      .op("i32Sub")
      .i32(4 * (i + 1))
      .op("i32Eq");
    if (i > 0) code.op("i32And");
  });
}

/** Copies the elements at index `at` of the table, counted from `entry`, to index `at` of `target`. */
type Fast = (target: Local, entry: Local, at: number) => void;

/** Copies `size` elements of each row of a panel: of the places at `entry` of the table to `target`. */
interface Copy {
  readonly size: number;
  /** Looks at the rows of a panel, and calls `repeat` with what does most of the work, if that can be faster. */
  begin(repeat: (fast: Fast) => void): void;
  elements(target: Local, entry: Local): void;
}

function copyRows(code: Code, pointers: readonly Local[]): Copy {
  const fours = Array.from({ length: pointers.length / 4 }, (_, k) => pointers.slice(4 * k, 4 * k + 4));
  const dense = fours.map(() => code.local(type.i32));
  const offset = code.local(type.i32);
  return {
    size: 1,
    begin(repeat) {
      fours.forEach((four, k) => {
        areNeighbours(code, four);
        code.set(dense[k]!);
      });
      dense.forEach((flag, k) => {
        code.get(flag);
        if (k > 0) code.op("i32And");
      });
      code.if(() => {
        repeat((target, entry, at) => {
          code
            .get(entry)
            .at("i32Load", 4 * at)
            .set(offset);
          fours.forEach(([first], k) => {
            code.get(target).get(first!).get(offset).op("i32Add").at("v128Load");
            code.at("v128Store", 16 * (at * fours.length + k));
          });
        });
      });
    },
    elements(target, entry) {
      code.get(entry).at("i32Load").set(offset);
      fours.forEach((four, k) => {
        code.get(dense[k]!).if(
          () => {
            code
              .get(target)
              .get(four[0]!)
              .get(offset)
              .op("i32Add")
              .at("v128Load")
              .at("v128Store", 16 * k);
          },
          () => {
            four.forEach((pointer, i) => {
              code.get(target).get(pointer).get(offset).op("i32Add").at("f32Load");
              code.at("f32Store", 16 * k + 4 * i);
            });
          },
        );
      });
    },
  };
}

function copySteps(code: Code, pointers: readonly Local[]): Copy {
  const width = pointers.length;
  const offsets = Array.from({ length: 4 }, () => code.local(type.i32));
  const vectors = Array.from({ length: 4 }, () => code.local(type.v128));
  return {
    size: 4,
    begin() {},
    elements(target, entry) {
      offsets.forEach((offset, s) => {
        code
          .get(entry)
          .at("i32Load", 4 * s)
          .set(offset);
      });
      areNeighbours(code, offsets);
      code.if(
        () => {
          packFours(code, width, target, vectors, (row) => {
            code.get(pointers[row]!).get(offsets[0]!).op("i32Add");
          });
        },
        () => {
          offsets.forEach((offset, s) => {
            pointers.forEach((pointer, i) => {
              code.get(target).get(pointer).get(offset).op("i32Add").at("f32Load");
              code.at("f32Store", 4 * (s * width + i));
            });
          });
        },
      );
    },
  };
}
