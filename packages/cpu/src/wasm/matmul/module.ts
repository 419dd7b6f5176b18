import { depth } from "../../order";
import { Assembler, type Code, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, smaller } from "../assembler/loops";
import { argument, type Form, frame, locals } from "./form";
import { emitPut, emitTile } from "./tile";

const { i32 } = type;

/** The code that finishes a block of the output when its sums are complete. */
export interface Completion {
  /** The number of operands besides those of the product, and of plain numbers. */
  readonly counts: { readonly others: number; readonly numbers: number };
  /** Adds a function `(args, c, rows, columns, ...others)`; `put` is the function that stores single lanes. */
  emit(assembler: Assembler, put: number): number;
}

/**
 * The module of a product. Its items are blocks of rows and columns of one matrix of the batch. Terms are summed `depth`
 * at a time.
 */
export function productModule(form: Form, completion?: Completion): Assembler {
  const assembler = new Assembler();
  const put = emitPut(assembler, form);
  const multiply = emitBlock(assembler, form, put);
  const complete = completion?.emit(assembler, put);
  assembler.function("run", [i32, i32, i32], [], (code, args, from, to) => {
    const given = frame.read(code, args, completion?.counts ?? { others: 0, numbers: 0 });
    const [rows, columns, count, terms] = locals(code, 4, i32) as [Local, Local, Local, Local];
    const [left, right, first] = locals(code, 3, i32) as [Local, Local, Local];
    const leap = { a: code.local(i32), b: code.local(i32) };
    code.get(given.stepA).i32(depth).op("i32Mul").set(leap.a);
    code.get(given.stepB).i32(depth).op("i32Mul").set(leap.b);
    given.items.walk(from, to, ({ down, across, a, b, c, others }) => {
      smaller(code, down, given.high);
      code.set(rows);
      smaller(code, across, given.wide);
      code.set(columns);
      code.get(a).set(left).get(b).set(right);
      code.get(given.count).set(terms).get(given.first).set(first);
      code.loop((next) => {
        code.i32(depth).set(count);
        smaller(code, terms, count);
        code.set(count);
        code.get(args).get(left).get(right).get(c).get(rows).get(columns).get(count).get(first);
        code.call(multiply).i32(0).set(first);
        move(code, left, leap.a);
        move(code, right, leap.b);
        increase(code, terms, -depth);
        code.get(terms).i32(0).op("i32GtS").branchIf(next);
      });
      if (complete === undefined) return;
      code.get(args).get(c).get(rows).get(columns);
      for (const other of others) code.get(other);
      code.call(complete);
    });
  });
  return assembler;
}

/** Emits a function `(args, a, b, c, rows, columns, count, first)` that walks the tiles of a block. */
function emitBlock(assembler: Assembler, form: Form, put: number): number {
  const widths: { readonly vectors: number; readonly tiles: readonly number[] }[] = [];
  for (let { vectors } = form; vectors >= 1; vectors >>= 1) {
    const tiles = Array.from({ length: form.rows }, (_, r) => emitTile(assembler, form, r + 1, vectors, put));
    widths.push({ vectors, tiles });
  }
  return assembler.function(
    null,
    [i32, i32, i32, i32, i32, i32, i32, i32],
    [],
    (code, args, a, b, c, rows, columns, count, first) => {
      const rowA = argument(code, args, "rowA");
      const rowB = argument(code, args, "rowB");
      const rowC = argument(code, args, "rowC");
      const stepC = argument(code, args, "stepC");
      const [tileA, tileC, left] = [code.local(i32), code.local(i32), code.local(i32)];
      const pass = (pointer: Local, by: number, stride: Local) => {
        code.get(pointer).get(stride).i32(by).op("i32Mul", "i32Add").set(pointer);
      };
      // A panel of B stays in the first-level cache, while the rows of A come from the second.
      code.loop((nextColumns) => {
        code.get(rows).set(left);
        code.get(a).set(tileA);
        code.get(c).set(tileC);
        const wideEnough = ({ vectors }: { vectors: number }) => {
          code
            .get(columns)
            .i32(4 * vectors - 4)
            .op("i32GtS");
        };
        choose(code, widths, wideEnough, ({ vectors, tiles }) => {
          code.loop((nextRows) => {
            const highEnough = (tile: number) => code.get(left).i32(tiles.indexOf(tile)).op("i32GtS");
            choose(code, tiles.toReversed(), highEnough, (tile) => {
              code.get(args).get(tileA).get(b).get(tileC).get(columns).get(count).get(first).call(tile);
            });
            pass(tileA, form.rows, rowA);
            pass(tileC, form.rows, rowC);
            increase(code, left, -form.rows);
            code.get(left).i32(0).op("i32GtS").branchIf(nextRows);
          });
          pass(b, 4 * vectors, rowB);
          pass(c, 4 * vectors, stepC);
          increase(code, columns, -4 * vectors);
        });
        code.get(columns).i32(0).op("i32GtS").branchIf(nextColumns);
      });
    },
  );
}

/** Emits code that runs the body of the first of `cases` whose condition holds. The last case has no condition. */
function choose<T>(code: Code, cases: readonly T[], condition: (it: T) => void, body: (it: T) => void): void {
  const [head, ...rest] = cases;
  if (rest.length === 0) {
    body(head!);
    return;
  }
  condition(head!);
  code.if(
    () => body(head!),
    () => choose(code, rest, condition, body),
  );
}
