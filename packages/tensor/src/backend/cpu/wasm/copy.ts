import { collapse } from "../../../layout/collapse";
import { Assembler, type Code, type Local } from "./assembler";
import { type } from "./instructions";
import {
  argument,
  argumentLocal,
  batchWords,
  divide,
  emitBatch,
  forItems,
  kernelOf,
  writeArguments,
} from "./jobs";
import type { Place, Runtime } from "./runtime";
import { transpose4 } from "./transpose";

const word = { source: 0, target: 1, rows: 2, columns: 3, line: 4, row: 5, down: 6, across: 7, batch: 8 };

/** Rows and columns of an item, and columns that are written in a row: a cache line of them. */
const side = 64;
const strip = 16;

/**
 * Copies an operand whose neighbours lie along another dimension than those of the output.
 *
 * @returns whether it is of that kind; if not, nothing is done
 */
export function copyTransposed(runtime: Runtime, out: Place, input: Place): boolean {
  const { extents, strides, offsets } = collapse(out.layout.shape, [out.layout, input.layout]);
  const [to, from] = strides as [readonly number[], readonly number[]];
  const [column, row] = [to.indexOf(1), from.indexOf(1)];
  if (column < 0 || row < 0 || row === column || extents.includes(0)) return false;
  const [columns, rows] = [extents[column]!, extents[row]!];
  if (columns < 4 || rows < 4) return false;
  const batch = extents
    .map((extent, d) => ({ extent, strides: [4 * from[d]!, 4 * to[d]!] }))
    .filter((_, d) => d !== row && d !== column);
  const [down, across] = [Math.ceil(rows / side), Math.ceil(columns / side)];
  writeArguments(runtime, [
    ...[input.address + 4 * offsets[1]!, out.address + 4 * offsets[0]!, rows, columns],
    ...[4 * from[column]!, 4 * to[row]!, down, across],
    ...batchWords(batch),
  ]);
  const items = batch.reduce((product, { extent }) => product * extent, down * across);
  const cost = 0.4 * Math.min(rows, side) * Math.min(columns, side);
  runtime.launch(kernelOf(runtime, "copy", emit), items, cost);
  return true;
}

function emit(): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const local = () => code.local(type.i32);
    const [index, source, target, top, left, bottom, right] = Array.from({ length: 7 }, local) as Local[] as [
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const rows = argumentLocal(code, args, word.rows);
    const columns = argumentLocal(code, args, word.columns);
    const [i, j] = [local(), local()];
    const block = emitBlock(code, args, source, target, rows, columns);
    forItems(code, from, to, () => {
      code.get(from).set(index);
      divide(code, index, () => argument(code, args, word.across), left);
      divide(code, index, () => argument(code, args, word.down), top);
      argument(code, args, word.source).set(source);
      argument(code, args, word.target).set(target);
      emitBatch(code, args, word.batch, index, [source, target]);
      for (const [start, end, extent] of [
        [top, bottom, rows],
        [left, right, columns],
      ] as const) {
        code.get(start).i32(side).op("i32Mul").tee(start).i32(side).op("i32Add").set(end);
        atMost(code, end, () => code.get(extent));
      }
      code.get(left).set(j);
      code.loop((nextStrip) => {
        code.get(top).set(i);
        code.loop((nextRows) => {
          code.block((done) => {
            for (let x = 0; x < strip; x += 4) {
              if (x > 0) code.get(j).i32(x).op("i32Add").get(right).op("i32GeS").branchIf(done);
              block(i, j, x);
            }
          });
          code.get(i).i32(4).op("i32Add").tee(i).get(bottom).op("i32LtS").branchIf(nextRows);
        });
        code.get(j).i32(strip).op("i32Add").tee(j).get(right).op("i32LtS").branchIf(nextStrip);
      });
    });
  });
  return assembler;
}

function atMost(code: Code, local: Local, limit: () => void): void {
  limit();
  code.get(local).get(local);
  limit();
  code.op("i32GtS", "select").set(local);
}

/** Copies 4 x 4 elements. Blocks that would reach over the edge are moved back over others. */
function emitBlock(code: Code, args: Local, source: Local, target: Local, rows: Local, columns: Local) {
  const line = argumentLocal(code, args, word.line);
  const row = argumentLocal(code, args, word.row);
  const [x, y, at] = [code.local(type.i32), code.local(type.i32), code.local(type.i32)];
  const vectors = Array.from({ length: 4 }, () => code.local(type.v128));
  return (i: Local, j: Local, ahead: number) => {
    code.get(i).set(y);
    atMost(code, y, () => code.get(rows).i32(4).op("i32Sub"));
    code.get(j).i32(ahead).op("i32Add").set(x);
    atMost(code, x, () => code.get(columns).i32(4).op("i32Sub"));
    code.get(source).get(y).i32(2).op("i32Shl", "i32Add").get(x).get(line).op("i32Mul", "i32Add").set(at);
    for (const vector of vectors) {
      code.get(at).at("v128Load").set(vector);
      code.get(at).get(line).op("i32Add").set(at);
    }
    transpose4(code, vectors);
    code.get(target).get(x).i32(2).op("i32Shl", "i32Add").get(y).get(row).op("i32Mul", "i32Add").set(at);
    for (const vector of vectors) {
      code.get(at).get(vector).at("v128Store");
      code.get(at).get(row).op("i32Add").set(at);
    }
  };
}
