import type { Assembler, Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { move } from "../assembler/loops";
import { argument, type Form, locals } from "./form";
import { addProducts, type Tile } from "./sums";

const { i32, v128 } = type;

/** Emits a function `(value, address, lanes, step, add)` that stores or adds the first lanes one by one. */
export function emitPut(assembler: Assembler, { single }: Form): number {
  return assembler.function(null, [v128, i32, i32, i32, i32], [], (code, value, at, lanes, step, add) => {
    const x = code.local(type[single]);
    code.block((done) => {
      for (let i = 0; i < 4; i++) {
        code.get(lanes).i32(i).op("i32LeS").branchIf(done);
        code.get(value).lane(`${single}x4ExtractLane`, i).set(x);
        code.get(add).if(() => code.get(at).at(`${single}Load`).get(x).op(`${single}Add`).set(x));
        code.get(at).get(x).at(`${single}Store`);
        move(code, at, step);
      }
    });
  });
}

/**
 * Emits a function `(args, a, b, c, wide, count, first)` that multiplies `rows` rows by `vectors` vectors of columns, of
 * which `wide` columns exist. It stores the sums of `count` terms if these are the first ones, and adds them otherwise.
 */
export function emitTile(
  assembler: Assembler,
  form: Form,
  rows: number,
  vectors: number,
  put: number,
): number {
  return assembler.function(
    null,
    [i32, i32, i32, i32, i32, i32, i32],
    [],
    (code, args, a, b, c, wide, count, first) => {
      const sums = Array.from({ length: rows }, () => locals(code, vectors, v128));
      const tile = { code, args, form, sums, a, b, wide, count };
      addProducts(tile);
      store(tile, c, first, put);
    },
  );
}

/** Stores the sums: dense rows as vectors if all columns exist, others lane by lane. */
function store({ code, args, form, sums, wide }: Tile, c: Local, first: Local, put: number): void {
  const vectors = sums[0]!.length;
  const rowC = argument(code, args, "rowC");
  const stepC = argument(code, args, "stepC");
  const [dense, at] = [code.local(i32), code.local(i32)];
  const each = (body: (sum: Local, v: number) => void) => {
    code.get(c).set(at);
    for (const row of sums) {
      row.forEach(body);
      move(code, at, rowC);
    }
  };
  const add = (sum: Local, v: number) => {
    code.get(at).at("v128Load", 16 * v);
    code.get(sum).op(`${form.single}x4Add`).set(sum);
  };
  const storeWhole = (sum: Local, v: number) => {
    code.get(at).get(sum);
    code.at("v128Store", 16 * v);
  };
  const storeLanes = (sum: Local, v: number) => {
    const before = 4 * v;
    code.get(sum).get(at).get(stepC).i32(before).op("i32Mul", "i32Add");
    code.get(wide).i32(before).op("i32Sub").get(stepC);
    code.get(dense).get(first).op("i32Or", "i32Eqz").call(put);
  };
  code.get(stepC).i32(4).op("i32Eq").set(dense);
  code
    .get(dense)
    .get(first)
    .op("i32GtU")
    .if(() => each(add));
  code.get(dense).get(wide);
  code
    .i32(4 * vectors)
    .op("i32GeS", "i32And")
    .if(
      () => each(storeWhole),
      () => each(storeLanes),
    );
}
