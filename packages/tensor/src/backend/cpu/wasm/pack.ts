import { Assembler, type Code, type Local } from "./assembler";
import { type } from "./instructions";
import {
  argument,
  argumentLocal,
  type BatchDim,
  batchWords,
  divide,
  emitBatch,
  forItems,
  kernelOf,
  writeArguments,
} from "./jobs";
import type { Runtime } from "./runtime";
import { transpose4 } from "./transpose";

/** How the elements of a panel lie: `line` or `step` is one float, or neither. */
type Order = "lines" | "steps" | "any";

const word = { source: 0, target: 1, lines: 2, count: 3, line: 4, step: 5, panels: 6, bytes: 7, batch: 8 };

/** Lines of a matrix product's operand, in bytes: rows of the left one, columns of the right one. */
export interface Lines {
  readonly address: number;
  /** From one line to the next. */
  readonly line: number;
  /** From one element of a line to the next. */
  readonly step: number;
}

/** Bytes of a panel of `width` lines; room for elements in fours, as transposing writes them. */
export function panelBytes(width: number, count: number): number {
  return 4 * width * ((count + 3) & ~3);
}

/**
 * Copies lines to panels: `width` elements side by side, one of each line, `count` times. What stands in
 * the place of lines that the last panel lacks is undefined.
 */
export function pack(
  runtime: Runtime,
  width: number,
  source: Lines,
  lines: number,
  count: number,
  batch: readonly BatchDim[],
  target: number,
): void {
  const order: Order = source.line === 4 ? "lines" : source.step === 4 ? "steps" : "any";
  const kernel = kernelOf(runtime, `pack ${order} ${width}`, () => emit(order, width));
  const panels = Math.ceil(lines / width);
  const bytes = panelBytes(width, count);
  const { address, line, step } = source;
  writeArguments(runtime, [
    ...[address, target, lines, count, line, step, panels, bytes],
    ...batchWords(batch),
  ]);
  const items = batch.reduce((product, { extent }) => product * extent, panels);
  runtime.launch(kernel, items, 0.2 * width * count);
}

function emit(order: Order, width: number): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const [index, panel, source, target, left] = Array.from({ length: 5 }, () => code.local(type.i32)) as [
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    forItems(code, from, to, () => {
      code.get(from).set(index);
      divide(code, index, () => argument(code, args, word.panels), panel);
      argument(code, args, word.source).get(panel).i32(width).op("i32Mul");
      argument(code, args, word.line).op("i32Mul", "i32Add").set(source);
      emitBatch(code, args, word.batch, index, [source]);
      argument(code, args, word.target).get(from);
      argument(code, args, word.bytes).op("i32Mul", "i32Add").set(target);
      argument(code, args, word.count).set(left);
      if (order === "lines") copyLines(code, args, width, source, target, left);
      else copySteps(code, args, width, order, source, target, left, panel);
    });
  });
  return assembler;
}

/** Runs `body` for `size` elements at a time while any of `left` is left. */
function whileLeft(code: Code, left: Local, size: number, body: () => void): void {
  code.block((done) => {
    code.loop((next) => {
      code.get(left).i32(0).op("i32LeS").branchIf(done);
      body();
      code.get(left).i32(size).op("i32Sub").set(left).branch(next);
    });
  });
}

function advance(code: Code, pointer: Local, bytes: number): void {
  code.get(pointer).i32(bytes).op("i32Add").set(pointer);
}

function copyLines(code: Code, args: Local, width: number, source: Local, target: Local, left: Local): void {
  const step = argumentLocal(code, args, word.step);
  whileLeft(code, left, 1, () => {
    for (let i = 0; i < 4 * width; i += 16) {
      code.get(target).get(source).at("v128Load", i).at("v128Store", i);
    }
    code.get(source).get(step).op("i32Add").set(source);
    advance(code, target, 4 * width);
  });
}

function copySteps(
  code: Code,
  args: Local,
  width: number,
  order: Order,
  source: Local,
  target: Local,
  left: Local,
  panel: Local,
): void {
  const pointers = Array.from({ length: width }, () => code.local(type.i32));
  // Lines that are missing repeat the last one.
  argument(code, args, word.lines).get(panel).i32(width).op("i32Mul", "i32Sub").set(panel);
  pointers.forEach((pointer, i) => {
    code.get(source).set(pointer);
    if (i + 1 === width) return;
    code.get(source);
    argument(code, args, word.line)
      .i32(0)
      .get(panel)
      .i32(i + 1)
      .op("i32GtS", "select", "i32Add")
      .set(source);
  });
  const offset = code.local(type.i32);
  code.i32(0).set(offset);
  if (order === "any") {
    const step = argumentLocal(code, args, word.step);
    whileLeft(code, left, 1, () => {
      pointers.forEach((pointer, i) => {
        code
          .get(target)
          .get(pointer)
          .get(offset)
          .op("i32Add")
          .at("f32Load")
          .at("f32Store", 4 * i);
      });
      code.get(offset).get(step).op("i32Add").set(offset);
      advance(code, target, 4 * width);
    });
    return;
  }
  const rows = Array.from({ length: 4 }, () => code.local(type.v128));
  whileLeft(code, left, 4, () => {
    for (let i = 0; i < width; i += 4) {
      rows.forEach((row, r) => {
        code
          .get(pointers[i + r]!)
          .get(offset)
          .op("i32Add")
          .at("v128Load")
          .set(row);
      });
      transpose4(code, rows);
      rows.forEach((row, r) => {
        code
          .get(target)
          .get(row)
          .at("v128Store", 4 * (r * width + i));
      });
    }
    advance(code, offset, 16);
    advance(code, target, 16 * width);
  });
}
