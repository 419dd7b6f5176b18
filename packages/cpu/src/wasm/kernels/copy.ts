import { collapse } from "@thalweg/kernels";
import { Assembler, type Code, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, smaller } from "../assembler/loops";
import { transpose4 } from "../assembler/transpose";
import { Frame } from "../runtime/frame";
import { kernelOf } from "../runtime/kernel-cache";
import type { MemoryView, Runtime } from "../runtime/runtime";

/**
 * The rows and columns of an item. With more rows than a cache line of the source holds, a line would be read again.
 * Rows are written side by side, so few of them share the bandwidth of memory and the table of pages.
 */
const height = 16;
const width = 256;

/** `line` and `row` are the bytes between columns of the source and between rows of the target. */
const frame = new Frame({
  column: "integer",
  row: "integer",
  items: { down: "integer", across: "integer", source: "integer", target: "integer" },
});

/**
 * Copies an operand whose neighbours are along another dimension than those of the output.
 *
 * @returns whether the operand is of this kind; if not, nothing is done
 */
export function copyTransposed(runtime: Runtime, out: MemoryView, input: MemoryView): boolean {
  const { extents, strides, offsets } = collapse(out.layout.shape, [out.layout, input.layout]);
  const [to, from] = strides as [readonly number[], readonly number[]];
  const [column, row] = [to.indexOf(1), from.indexOf(1)];
  if (column < 0 || row < 0 || row === column || extents.includes(0)) return false;
  const [columns, rows] = [extents[column]!, extents[row]!];
  if (columns < 4 || rows < 4) return false;
  const [nextColumn, nextRow] = [4 * from[column]!, 4 * to[row]!];
  const outer = extents.flatMap((_, d) => (d === row || d === column ? [] : [d]));
  const [source, target] = [input.address + 4 * offsets[1]!, out.address + 4 * offsets[0]!];
  const items = frame.write(runtime, {
    column: nextColumn,
    row: nextRow,
    items: {
      bases: { down: rows, across: columns, source, target },
      extents: [...outer.map((d) => extents[d]!), Math.ceil(rows / height), Math.ceil(columns / width)],
      steps: [
        ...outer.map((d) => ({ down: 0, across: 0, source: 4 * from[d]!, target: 4 * to[d]! })),
        { down: -height, across: 0, source: 4 * height, target: height * nextRow },
        { down: 0, across: -width, source: width * nextColumn, target: 4 * width },
      ],
    },
  });
  if (items < 0) return false;
  const kernel = kernelOf(runtime, "copy", copyModule);
  runtime.launch(kernel, items, 0.4 * Math.min(rows, height) * Math.min(columns, width));
  return true;
}

function copyModule(): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const { column, row, items } = frame.read(code, args, {});
    const limit = code.local(type.i32);
    const [rows, columns, i] = [code.local(type.i32), code.local(type.i32), code.local(type.i32)];
    items.walk(from, to, ({ down, across, source, target }) => {
      code.i32(height).set(limit);
      smaller(code, down, limit);
      code.set(rows);
      code.i32(width).set(limit);
      smaller(code, across, limit);
      code.set(columns);
      const block = blockCopy(code, { column, row, down, across, source, target });
      code.i32(0).set(i);
      code.loop((nextColumns) => {
        code.block((done) => {
          for (let j = 0; j < height; j += 4) {
            if (j > 0) code.get(rows).i32(j).op("i32LeS").branchIf(done);
            block(i, j);
          }
        });
        increase(code, i, 4);
        code.get(i).get(columns).op("i32LtS").branchIf(nextColumns);
      });
    });
  });
  return assembler;
}

type Four = [Local, Local, Local, Local];

/** The corner of an item: its addresses, the strides, and the rows and columns from there to the edge. */
type Corner = Readonly<Record<"column" | "row" | "down" | "across" | "source" | "target", Local>>;

/** Copies 4 x 4 elements. A block that would cross the edge is moved back, and overlaps others. */
function blockCopy(code: Code, { column, row, down, across, source, target }: Corner) {
  const [x, y, at, limit] = Array.from({ length: 4 }, () => code.local(type.i32)) as Four;
  const vectors = Array.from({ length: 4 }, () => code.local(type.v128));
  const inside = (position: Local, extent: Local) => {
    code.get(extent).i32(4).op("i32Sub").set(limit);
    smaller(code, position, limit);
    code.set(position);
  };
  return (i: Local, j: number) => {
    code.i32(j).set(y);
    inside(y, down);
    code.get(i).set(x);
    inside(x, across);
    code.get(source).get(y).i32(2).op("i32Shl", "i32Add").get(x).get(column).op("i32Mul", "i32Add").set(at);
    for (const vector of vectors) {
      code.get(at).at("v128Load").set(vector);
      move(code, at, column);
    }
    transpose4(code, vectors);
    code.get(target).get(x).i32(2).op("i32Shl", "i32Add").get(y).get(row).op("i32Mul", "i32Add").set(at);
    for (const vector of vectors) {
      code.get(at).get(vector).at("v128Store");
      move(code, at, row);
    }
  };
}
