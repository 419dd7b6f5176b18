import { Assembler, type Code, type Local } from "./assembler";
import { type } from "./instructions";
import { argument, argumentLocal, divide, emitBatch, forItems } from "./jobs";
import { emitPut, emitTile, type Form, word } from "./matmul-tile";

/** Items are blocks of rows and columns of one matrix of the batch; a block goes through its tiles. */
export function emitProduct(form: Form): Assembler {
  const assembler = new Assembler();
  const put = emitPut(assembler);
  const widths: { readonly vectors: number; readonly tiles: readonly number[] }[] = [];
  for (let { vectors } = form; vectors >= 1; vectors >>= 1) {
    const tiles = Array.from({ length: form.rows }, (_, r) => emitTile(assembler, form, r + 1, vectors, put));
    widths.push({ vectors, tiles });
  }
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const local = () => code.local(type.i32);
    const [index, a, b, c, i, j] = [local(), local(), local(), local(), local(), local()];
    const lineA = argumentLocal(code, args, word.lineA);
    const lineB = argumentLocal(code, args, word.lineB);
    const rowC = argumentLocal(code, args, word.rowC);
    const columnC = argumentLocal(code, args, word.columnC);
    const block = { rows: local(), columns: local(), a: local(), c: local(), left: local() };
    const move = (pointer: Local, by: Local, stride: Local) => {
      code.get(pointer).get(by).get(stride).op("i32Mul", "i32Add").set(pointer);
    };
    forItems(code, from, to, () => {
      code.get(from).set(index);
      divide(code, index, () => argument(code, args, word.across), j);
      divide(code, index, () => argument(code, args, word.down), i);
      argument(code, args, word.a).set(a);
      argument(code, args, word.b).set(b);
      argument(code, args, word.c).set(c);
      emitBatch(code, args, word.batch, index, [a, b, c]);
      part(code, args, i, word.high, word.m, block.rows);
      part(code, args, j, word.wide, word.n, block.columns);
      move(a, i, lineA);
      move(b, j, lineB);
      move(c, i, rowC);
      move(c, j, columnC);
      // The panel of B stays in the first cache, while the rows of A come from the second.
      code.loop((nextColumns) => {
        code.get(block.rows).set(block.left);
        code.get(a).set(block.a);
        code.get(c).set(block.c);
        choose(
          widths,
          ({ vectors }) =>
            code
              .get(block.columns)
              .i32(4 * vectors - 4)
              .op("i32GtS"),
          code,
          ({ vectors, tiles }) => {
            code.loop((nextRows) => {
              const call = (rows: number) => {
                code
                  .get(args)
                  .get(block.a)
                  .get(b)
                  .get(block.c)
                  .get(block.columns)
                  .call(tiles[rows - 1]!);
              };
              choose(
                tiles.map((_, r) => r + 1).toReversed(),
                (rows) => code.get(block.left).i32(rows).op("i32GeS"),
                code,
                call,
              );
              code.get(block.a).i32(form.rows).get(lineA).op("i32Mul", "i32Add").set(block.a);
              code.get(block.c).i32(form.rows).get(rowC).op("i32Mul", "i32Add").set(block.c);
              code.get(block.left).i32(form.rows).op("i32Sub").tee(block.left);
              code.i32(0).op("i32GtS").branchIf(nextRows);
            });
            code
              .get(b)
              .i32(4 * vectors)
              .get(lineB)
              .op("i32Mul", "i32Add")
              .set(b);
            code
              .get(c)
              .i32(4 * vectors)
              .get(columnC)
              .op("i32Mul", "i32Add")
              .set(c);
            code
              .get(block.columns)
              .i32(4 * vectors)
              .op("i32Sub")
              .set(block.columns);
          },
        );
        code.get(block.columns).i32(0).op("i32GtS").branchIf(nextColumns);
      });
    });
  });
  return assembler;
}

/** Runs the body of the first of `cases` whose condition holds; the last one needs none. */
function choose<T>(cases: readonly T[], condition: (it: T) => void, code: Code, body: (it: T) => void): void {
  const [head, ...rest] = cases;
  if (rest.length === 0) {
    body(head!);
    return;
  }
  condition(head!);
  code.if(
    () => body(head!),
    () => choose(rest, condition, code, body),
  );
}

/** Turns the number of a block into its first line, and sets `lines` to how many it has. */
function part(code: Code, args: Local, number: Local, size: number, extent: number, lines: Local): void {
  const rest = code.local(type.i32);
  argument(code, args, size).set(lines);
  code.get(number).get(lines).op("i32Mul").set(number);
  argument(code, args, extent).get(number).op("i32Sub").set(rest);
  code.get(lines).get(rest).get(lines).get(rest).op("i32LtS", "select").set(lines);
}
