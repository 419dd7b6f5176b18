import type { Code, Label, Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move } from "../assembler/loops";
import { transpose4 } from "../assembler/transpose";
import { argument, type Form, locals, times } from "./form";

/** A tile under construction. */
export interface Tile {
  readonly code: Code;
  readonly args: Local;
  readonly form: Form;
  /** The sums, by rows, as vectors of four columns; initially zero. */
  readonly sums: readonly (readonly Local[])[];
  /** The addresses of the tile's operands, the number of its columns that exist, and the number of terms. */
  readonly a: Local;
  readonly b: Local;
  readonly wide: Local;
  readonly count: Local;
}

/** Emits code that adds up the products of all steps of k. */
export function addProducts(tile: Tile): void {
  if (tile.form.alongB) addTransposed(tile);
  else addDirect(tile);
}

/** The number of unrolled steps: a whole cache line where columns of B are read, because they may evict each other. */
const unrolled = ({ alongB }: Form): number => (alongB ? 16 : 4);

/** Pushes a vector with four times the left operand's element of a row, `step` steps on. */
type Splat = (row: number, step: number) => void;

/**
 * Emits a loop over k, `unrolled` steps at a time. Neighbours in A are reached by offsets, so there is one pointer for
 * each row, or for each step, or for all.
 */
function overSteps(
  { code, args, form, sums, a, count }: Tile,
  body: (splat: Splat, count: Local) => void,
): void {
  const unroll = unrolled(form);
  const pointers = [a];
  const advance = code.local(type.i32);
  if (form.left === "panels") code.i32(16 * unroll).set(advance);
  else {
    const along = form.left === "rows";
    const stride = argument(code, args, along ? "rowA" : "stepA");
    pointers.push(...locals(code, (along ? sums.length : unroll) - 1, type.i32));
    times(pointers.length - 1, (i) => {
      code.get(pointers[i]!).get(stride).op("i32Add");
      code.set(pointers[i + 1]!);
    });
    if (along) code.i32(4 * unroll).set(advance);
    else code.get(stride).i32(unroll).op("i32Mul").set(advance);
  }
  const splat = (row: number, step: number) => {
    const [pointer, offset] =
      form.left === "rows" ? [row, step] : form.left === "columns" ? [step, row] : [0, 4 * step + row];
    code.get(pointers[pointer]!).at("v128Load32Splat", 4 * offset);
  };
  code.block((done) => {
    code.get(count).op("i32Eqz").branchIf(done);
    code.loop((next) => {
      body(splat, count);
      for (const pointer of pointers) move(code, pointer, advance);
      increase(code, count, -unroll);
      code.get(count).i32(0).op("i32GtS").branchIf(next);
    });
  });
}

/**
 * Branches to `done` if step number `step` does not exist. This also keeps engines from loading the operands of many
 * steps ahead, which spills registers.
 */
function unlessDone(code: Code, count: Local, done: Label, step: number): void {
  if (step > 0) code.get(count).i32(step).op("i32LeS").branchIf(done);
}

/** sum += x · y, with the product and the sum rounded. */
function addProduct({ code, form }: Tile, sum: Local, x: Local, y: Local): void {
  code.get(sum).get(x).get(y).op(`${form.single}x4Mul`, `${form.single}x4Add`).set(sum);
}

/** Adds products, with rows of B read as vectors. */
function addDirect(tile: Tile): void {
  const { code, args, form, sums, b } = tile;
  const [rows, vectors] = [sums.length, sums[0]!.length];
  const step = argument(code, args, "stepB");
  // The operand with fewer vectors is held in registers.
  const holdsA = rows < vectors;
  const held = locals(code, holdsA ? rows : vectors, type.v128);
  const passing = code.local(type.v128);
  overSteps(tile, (splat, count) => {
    code.block((done) => {
      times(unrolled(form), (u) => {
        unlessDone(code, count, done, u);
        const loadA = (row: number) => splat(row, u);
        const loadB = (v: number) => code.get(b).at("v128Load", 16 * v);
        held.forEach((local, i) => {
          (holdsA ? loadA : loadB)(i);
          code.set(local);
        });
        times(holdsA ? vectors : rows, (i) => {
          (holdsA ? loadB : loadA)(i);
          code.set(passing);
          held.forEach((local, h) => {
            if (holdsA) addProduct(tile, sums[h]![i]!, local, passing);
            else addProduct(tile, sums[i]![h]!, passing, local);
          });
        });
        move(code, b, step);
      });
    });
  });
}

/** Adds products, with columns of B read four steps at a time, and transposed into rows. */
function addTransposed(tile: Tile): void {
  const { code, args, form, sums, b, wide } = tile;
  const vectors = sums[0]!.length;
  const stride = argument(code, args, "rowB");
  const columns = locals(code, 4 * vectors, type.i32);
  columns.forEach((column, i) => {
    code.get(b).set(column);
    // Missing columns repeat the last one.
    code.get(b).get(stride).i32(0).get(wide);
    code
      .i32(i + 1)
      .op("i32GtS", "select", "i32Add")
      .set(b);
  });
  const offset = code.local(type.i32);
  const rows = locals(code, 4, type.v128);
  const x = code.local(type.v128);
  overSteps(tile, (splat, count) => {
    times(vectors, (v) => {
      code.block((done) => {
        times(unrolled(form), (u) => {
          unlessDone(code, count, done, u);
          if (u % 4 === 0) {
            rows.forEach((row, r) => {
              code
                .get(columns[4 * v + r]!)
                .get(offset)
                .op("i32Add");
              code.at("v128Load", 4 * u).set(row);
            });
            transpose4(code, rows);
          }
          sums.forEach((sum, row) => {
            splat(row, u);
            code.set(x);
            addProduct(tile, sum[v]!, x, rows[u % 4]!);
          });
        });
      });
    });
    increase(code, offset, 4 * unrolled(form));
  });
}
