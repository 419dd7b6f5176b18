import type { Assembler, Code, Label, Local } from "./assembler";
import { type } from "./instructions";
import { transpose4 } from "./transpose";

/** Words of a product's arguments. Strides are bytes; `line` is from row to row of A, column to column of B. */
export const word = {
  count: 0,
  lineA: 1,
  stepA: 2,
  lineB: 3,
  stepB: 4,
  lineC: 5,
  stepC: 6,
  /** 1 for the first block of k, which is stored; later ones are added. */
  first: 7,
  /** Most rows and columns of an item. */
  high: 8,
  wide: 9,
  /** What an epilogue needs. */
  others: 10,
} as const;

/** A variable that holds a word of the arguments. */
export function argument(code: Code, args: Local, index: number): Local {
  const local = code.local(type.i32);
  code
    .get(args)
    .at("i32Load", 4 * index)
    .set(local);
  return local;
}

/** The loops of one kernel. */
export interface Form {
  /** Largest tile: rows, and vectors of four columns. */
  readonly rows: number;
  readonly vectors: number;
  /** Where neighbours of A lie: along rows, along columns, or in packed panels of four rows. */
  readonly left: "rows" | "columns" | "panels";
  /** Whether elements of a column of B are neighbours; otherwise those of a row are. */
  readonly alongB: boolean;
}

/** Steps in a row: all of a cache line where columns of B are read, which may be in each other's way. */
const unrolled = ({ alongB }: Form): number => (alongB ? 16 : 4);

/** A function `(value, address, lanes, step, add)` that stores the first lanes one by one. */
export function emitPut(assembler: Assembler): number {
  const { i32, v128, f32 } = type;
  return assembler.function(null, [v128, i32, i32, i32, i32], [], (code, value, at, lanes, step, add) => {
    const x = code.local(f32);
    code.block((done) => {
      for (let i = 0; i < 4; i++) {
        code.get(lanes).i32(i).op("i32LeS").branchIf(done);
        code.get(value).lane("f32x4ExtractLane", i).set(x);
        code.get(add).if(() => code.get(at).at("f32Load").get(x).op("f32Add").set(x));
        code.get(at).get(x).at("f32Store");
        code.get(at).get(step).op("i32Add").set(at);
      }
    });
  });
}

/**
 * A function `(args, a, b, c, wide)` that multiplies `rows` rows by up to `vectors` vectors of columns,
 * `wide` of which exist, and stores or adds the block's sums.
 */
export function emitTile(
  assembler: Assembler,
  form: Form,
  rows: number,
  vectors: number,
  put: number,
): number {
  const { i32 } = type;
  return assembler.function(null, [i32, i32, i32, i32, i32], [], (code, args, a, b, c, wide) => {
    const sums = Array.from({ length: rows }, () => locals(code, vectors, type.v128));
    const count = argument(code, args, word.count);
    const left = emitLeft(code, args, form, rows, a);
    if (form.alongB) sumTransposed(code, args, form, left, sums, b, count, wide);
    else sumDirect(code, args, form, left, sums, b, count);
    store(code, args, sums, c, wide, put);
  });
}

function locals(code: Code, count: number, of: (typeof type)[keyof typeof type]): Local[] {
  return Array.from({ length: count }, () => code.local(of));
}

export const times = (count: number, body: (index: number) => void) => {
  for (let i = 0; i < count; i++) body(i);
};

/** The left operand's elements, whichever way they lie. */
interface Left {
  readonly rows: number;
  /** Pushes four times the element of a row, `step` steps on. */
  splat(row: number, step: number): void;
  /** Goes on by all of the unrolled steps. */
  advance(): void;
}

/** Neighbours are reached by offsets, so there is a pointer for each row or for each step. */
function emitLeft(code: Code, args: Local, form: Form, rows: number, a: Local): Left {
  const unroll = unrolled(form);
  if (form.left === "panels") {
    return {
      rows,
      splat: (row, step) => code.get(a).at("v128Load32Splat", 16 * step + 4 * row),
      advance: () =>
        code
          .get(a)
          .i32(16 * unroll)
          .op("i32Add")
          .set(a),
    };
  }
  const along = form.left === "rows";
  const stride = argument(code, args, along ? word.lineA : word.stepA);
  const pointers = [a, ...locals(code, (along ? rows : unroll) - 1, type.i32)];
  times(pointers.length - 1, (i) => {
    code
      .get(pointers[i]!)
      .get(stride)
      .op("i32Add")
      .set(pointers[i + 1]!);
  });
  const further = code.local(type.i32);
  code.get(stride).i32(unroll).op("i32Mul").set(further);
  return {
    rows,
    splat(row, step) {
      const [pointer, offset] = along ? [row, step] : [step, row];
      code.get(pointers[pointer]!).at("v128Load32Splat", 4 * offset);
    },
    advance() {
      for (const pointer of pointers) {
        code.get(pointer);
        if (along) code.i32(4 * unroll);
        else code.get(further);
        code.op("i32Add").set(pointer);
      }
    },
  };
}

/** Runs `body` for `unroll` steps at a time while any is left. */
function whileSteps(code: Code, count: Local, unroll: number, body: (done: Label) => void): void {
  code.block((done) => {
    code.loop((next) => {
      code.get(count).i32(0).op("i32LeS").branchIf(done);
      body(done);
      code.get(count).i32(unroll).op("i32Sub").set(count).branch(next);
    });
  });
}

/**
 * Step `step` if there is one, otherwise a branch to `done`. These tests also keep engines from loading
 * the operands of many steps ahead, which spills registers.
 */
function unlessDone(code: Code, count: Local, done: Label, step: number): void {
  if (step > 0) code.get(count).i32(step).op("i32LeS").branchIf(done);
}

/** sum += x · y, the product and the sum rounded. */
function addProduct(code: Code, sum: Local, x: Local, y: Local): void {
  code.get(sum).get(x).get(y).op("f32x4Mul", "f32x4Add").set(sum);
}

function sumDirect(
  code: Code,
  args: Local,
  form: Form,
  left: Left,
  sums: readonly (readonly Local[])[],
  b: Local,
  count: Local,
) {
  const vectors = sums[0]!.length;
  const unroll = unrolled(form);
  const step = argument(code, args, word.stepB);
  // The fewer ones are held in registers.
  const holdsA = left.rows < vectors;
  const held = locals(code, holdsA ? left.rows : vectors, type.v128);
  const passing = code.local(type.v128);
  const terms = (u: number) => {
    const loadA = (row: number) => left.splat(row, u);
    const loadB = (v: number) => code.get(b).at("v128Load", 16 * v);
    held.forEach((local, i) => {
      (holdsA ? loadA : loadB)(i);
      code.set(local);
    });
    times(holdsA ? vectors : left.rows, (i) => {
      (holdsA ? loadB : loadA)(i);
      code.set(passing);
      held.forEach((local, h) => {
        if (holdsA) addProduct(code, sums[h]![i]!, local, passing);
        else addProduct(code, sums[i]![h]!, passing, local);
      });
    });
    code.get(b).get(step).op("i32Add").set(b);
  };
  whileSteps(code, count, unroll, (done) => {
    times(unroll, (u) => {
      unlessDone(code, count, done, u);
      terms(u);
    });
    left.advance();
  });
}

/** Columns that lie along k are read four steps at a time, four of them turned into four rows. */
function sumTransposed(
  code: Code,
  args: Local,
  form: Form,
  left: Left,
  sums: readonly (readonly Local[])[],
  b: Local,
  count: Local,
  wide: Local,
): void {
  const vectors = sums[0]!.length;
  const unroll = unrolled(form);
  const line = argument(code, args, word.lineB);
  const columns = locals(code, 4 * vectors, type.i32);
  columns.forEach((column, i) => {
    code.get(b).set(column);
    // Columns that are missing repeat the last one.
    code
      .get(b)
      .get(line)
      .i32(0)
      .get(wide)
      .i32(i + 1)
      .op("i32GtS", "select", "i32Add")
      .set(b);
  });
  const offset = code.local(type.i32);
  const rows = locals(code, 4, type.v128);
  const x = code.local(type.v128);
  whileSteps(code, count, unroll, () => {
    times(vectors, (v) => {
      code.block((done) => {
        times(unroll, (u) => {
          unlessDone(code, count, done, u);
          if (u % 4 === 0) {
            rows.forEach((row, r) => {
              code
                .get(columns[4 * v + r]!)
                .get(offset)
                .op("i32Add")
                .at("v128Load", 4 * u)
                .set(row);
            });
            transpose4(code, rows);
          }
          sums.forEach((sum, row) => {
            left.splat(row, u);
            code.set(x);
            addProduct(code, sum[v]!, x, rows[u % 4]!);
          });
        });
      });
    });
    left.advance();
    code
      .get(offset)
      .i32(4 * unroll)
      .op("i32Add")
      .set(offset);
  });
}

function store(
  code: Code,
  args: Local,
  sums: readonly (readonly Local[])[],
  c: Local,
  wide: Local,
  put: number,
): void {
  const vectors = sums[0]!.length;
  const row = argument(code, args, word.lineC);
  const column = argument(code, args, word.stepC);
  const first = argument(code, args, word.first);
  const dense = code.local(type.i32);
  const at = code.local(type.i32);
  code.get(column).i32(4).op("i32Eq").set(dense);
  const each = (body: (sum: Local, v: number) => void) => {
    code.get(c).set(at);
    sums.forEach((line, r) => {
      line.forEach(body);
      if (r + 1 < sums.length) code.get(at).get(row).op("i32Add").set(at);
    });
  };
  code
    .get(dense)
    .get(first)
    .op("i32GtU")
    .if(() => {
      each((sum, v) =>
        code
          .get(at)
          .at("v128Load", 16 * v)
          .get(sum)
          .op("f32x4Add")
          .set(sum),
      );
    });
  code
    .get(dense)
    .get(wide)
    .i32(4 * vectors)
    .op("i32GeS", "i32And")
    .if(
      () =>
        each((sum, v) =>
          code
            .get(at)
            .get(sum)
            .at("v128Store", 16 * v),
        ),
      () => {
        each((sum, v) => {
          code
            .get(sum)
            .get(at)
            .get(column)
            .i32(4 * v)
            .op("i32Mul", "i32Add");
          code
            .get(wide)
            .i32(4 * v)
            .op("i32Sub")
            .get(column);
          code.get(dense).get(first).op("i32Or", "i32Eqz").call(put);
        });
      },
    );
}
