import type { Code, Local } from "./assembler";
import { type } from "./instructions";

/**
 * A table of loops in memory, innermost first: the extent of each loop, then the distances by which one iteration
 * moves the positions. A position is an address, or any other number that grows evenly.
 */
export interface Table {
  readonly start: Local;
  /** The end of the table. */
  readonly end: Local;
  /** The positions of iteration 0. */
  readonly bases: readonly Local[];
}

/**
 * Emits code that runs `body` for the iterations `from` to `to` of any number of nested loops. In the innermost loop,
 * additions move the positions. When it ends, divisions compute them from the numbers of the outer iterations.
 */
export function walk(code: Code, table: Table, from: Local, to: Local, body: (at: readonly Local[]) => void) {
  const { start, end, bases } = table;
  const entry = 4 * (1 + bases.length);
  const integer = () => code.local(type.i32);
  const [extent, left, rest, index, loop] = [integer(), integer(), integer(), integer(), integer()];
  const steps = bases.map(integer);
  const positions = bases.map(integer);
  code.get(start).at("i32Load").set(extent);
  steps.forEach((step, k) => {
    code
      .get(start)
      .at("i32Load", 4 * (k + 1))
      .set(step);
  });
  code.i32(0).set(left);
  until(
    code,
    () => code.get(from).get(to).op("i32GeS"),
    () => {
      code
        .get(left)
        .op("i32Eqz")
        .if(() => {
          code.get(from).get(extent).op("i32RemS").set(index);
          code.get(from).get(extent).op("i32DivS").set(rest);
          code.get(extent).get(index).op("i32Sub").set(left);
          positions.forEach((position, k) => {
            code.get(index).get(steps[k]!).op("i32Mul").get(bases[k]!).op("i32Add").set(position);
          });
          code.get(start).i32(entry).op("i32Add").set(loop);
          until(
            code,
            () => code.get(loop).get(end).op("i32GeU"),
            () => {
              code.get(rest).get(loop).at("i32Load").op("i32RemS").set(index);
              code.get(rest).get(loop).at("i32Load").op("i32DivS").set(rest);
              positions.forEach((position, k) => {
                code.get(index).get(loop);
                code.at("i32Load", 4 * (k + 1)).op("i32Mul");
                code.get(position).op("i32Add").set(position);
              });
              increase(code, loop, entry);
            },
          );
        });
      body(positions);
      positions.forEach((position, k) => {
        move(code, position, steps[k]!);
      });
      increase(code, left, -1);
      increase(code, from, 1);
    },
  );
}

/** Emits a loop that runs `body` until `over` puts a nonzero integer on the stack. */
export function until(code: Code, over: () => void, body: () => void): void {
  code.block((done) => {
    code.loop((again) => {
      over();
      code.branchIf(done);
      body();
      code.branch(again);
    });
  });
}

/** Adds a constant to a variable. */
export function increase(code: Code, local: Local, by: number): void {
  code.get(local).i32(by).op("i32Add").set(local);
}

/** Adds one variable to another. */
export function move(code: Code, local: Local, by: Local): void {
  code.get(local).get(by).op("i32Add").set(local);
}

/** Puts the smaller of two variables on the stack. */
export function smaller(code: Code, a: Local, b: Local): void {
  code.get(a).get(b).get(a).get(b).op("i32LtS", "select");
}
