import { Assembler, type Code, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, until } from "../assembler/loops";
import { packFours } from "../assembler/transpose";
import { Frame } from "../runtime/frame";
import { kernelOf } from "../runtime/kernel-cache";
import type { Runtime } from "../runtime/runtime";
import type { Operand } from "./product";

/** The order of elements in memory: neighbours are one `line` of the operand apart, one `step`, or neither. */
type Order = "lines" | "steps" | "any";

/** The number of elements of a line, and the distances of the operand. `lines` counts the remaining lines. */
const frame = new Frame({
  count: "integer",
  line: "integer",
  step: "integer",
  items: { lines: "integer", source: "integer", panel: "integer" },
});

/** Bytes of one panel. Its length is a multiple of four, because transposing writes elements in fours. */
export const onePanel = (width: number, count: number): number => 4 * width * ((count + 3) & ~3);

/** Bytes that the panels of a matrix take. */
export function panelBytes(width: number, lines: number, count: number): number {
  return Math.ceil(lines / width) * onePanel(width, count);
}

/**
 * Copies an operand to panels: `width` elements side by side, one of each line, `count` times. If the last panel lacks
 * lines, its elements in their places are unspecified.
 *
 * @param extents the extents of the batch; matrices that are the same along a dimension are copied once
 * @returns the copy as an operand, of which `width` lines at a time can be used
 */
export function pack(
  runtime: Runtime,
  width: number,
  source: Operand,
  lines: number,
  count: number,
  extents: readonly number[],
  address: number,
): Operand {
  const order: Order = source.line === 4 ? "lines" : source.step === 4 ? "steps" : "any";
  const bytes = onePanel(width, count);
  const { loops, steps, batch } = panelTable(source, width, lines, count, extents, width * source.line);
  const items = frame.write(runtime, {
    count,
    line: source.line,
    step: source.step,
    items: { bases: { lines, source: source.address, panel: address }, extents: loops, steps },
  });
  const kernel = kernelOf(runtime, `pack ${order} ${width}`, () => packModule(order, width));
  runtime.launch(kernel, items, (order === "any" ? 1 : 0.6) * width * count);
  return { address, line: bytes / width, step: 4 * width, batch };
}

/**
 * The loops over panels, and the steps by which each moves the remaining lines, the source (`leap` from one panel to the
 * next), and the copy. `batch` has the distances between the copies of the matrices of a batch.
 */
export function panelTable(
  source: Operand,
  width: number,
  lines: number,
  count: number,
  extents: readonly number[],
  leap: number,
) {
  const loops = [Math.ceil(lines / width)];
  const steps = [{ lines: -width, source: leap, panel: onePanel(width, count) }];
  const batch = extents.map(() => 0);
  let size = panelBytes(width, lines, count);
  for (let d = extents.length - 1; d >= 0; d--) {
    if (source.batch[d] === 0) continue;
    loops.unshift(extents[d]!);
    steps.unshift({ lines: 0, source: source.batch[d]!, panel: size });
    batch[d] = size;
    size *= extents[d]!;
  }
  return { loops, steps, batch };
}

function packModule(order: Order, width: number): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const { count, line, step, items } = frame.read(code, args, {});
    const [source, target, left] = [code.local(type.i32), code.local(type.i32), code.local(type.i32)];
    const copy =
      order === "lines"
        ? copyLines(code, width, step, source, target)
        : copySteps(code, width, line, order === "any" ? step : null, source, target);
    items.walk(from, to, ({ lines, source: start, panel }) => {
      code.get(start).set(source);
      code.get(panel).set(target);
      code.get(count).set(left);
      copy.begin?.(lines);
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

/** Copies `size` elements of each line of a panel. `begin` takes the number of lines. */
interface Copy {
  readonly size: number;
  begin?(lines: Local): void;
  elements(): void;
}

function copyLines(code: Code, width: number, step: Local, source: Local, target: Local): Copy {
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
  line: Local,
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
    begin(lines) {
      code.i32(0).set(offset);
      pointers.forEach((pointer, i) => {
        code.get(source).set(pointer);
        // Missing lines repeat the last one.
        code
          .get(line)
          .i32(0)
          .get(lines)
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
