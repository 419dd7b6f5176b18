import type { Code, Local } from "./assembler";
import { type } from "./instructions";

/**
 * A table of loops in memory, innermost first: for each its extent, then how far one iteration moves each
 * of the positions. Positions are addresses, or anything else that grows evenly.
 */
export interface Table {
  readonly start: Local;
  /** Where it ends. */
  readonly end: Local;
  /** The positions of iteration 0. */
  readonly bases: readonly Local[];
}

/**
 * Runs `body` for the iterations `from` to `to` of nested loops, of which there may be any number. The
 * innermost is followed by additions; when it is over, divisions find out where the others stand.
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
  code.block((done) => {
    code.loop((again) => {
      code.get(from).get(to).op("i32GeS").branchIf(done);
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
          code.block((found) => {
            code.loop((outer) => {
              code.get(loop).get(end).op("i32GeU").branchIf(found);
              code.get(rest).get(loop).at("i32Load").op("i32RemS").set(index);
              code.get(rest).get(loop).at("i32Load").op("i32DivS").set(rest);
              positions.forEach((position, k) => {
                code.get(index).get(loop);
                code.at("i32Load", 4 * (k + 1)).op("i32Mul");
                code.get(position).op("i32Add").set(position);
              });
              code.get(loop).i32(entry).op("i32Add").set(loop).branch(outer);
            });
          });
        });
      body(positions);
      positions.forEach((position, k) => {
        code.get(position).get(steps[k]!).op("i32Add").set(position);
      });
      code.get(left).i32(1).op("i32Sub").set(left);
      code.get(from).i32(1).op("i32Add").set(from).branch(again);
    });
  });
}
