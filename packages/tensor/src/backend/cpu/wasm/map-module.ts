import type { Expr } from "../../../scalar/expr";
import { Access } from "../js/render";
import { Assembler } from "./assembler";
import { Cursor } from "./cursor";
import { VectorExpression } from "./expression";
import { type } from "./instructions";
import { frame } from "./job";
import { walk } from "./walk";

/** Expressions of more nodes are bound by arithmetic: doing several vectors at once gains nothing. */
const light = 16;

/**
 * A map kernel. Arguments: elements of an item, numbers, a step for each operand, then the table of loops
 * whose positions are the elements that are left of the row, and the operands' addresses.
 *
 * @param inputs how the inputs of the expressions are read
 */
export function mapModule(
  expressions: readonly Expr[],
  outputs: readonly Access[],
  inputs: readonly Access[],
): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const { integer, splat, table } = frame(code, args);
    const chunk = integer();
    const numbers = inputs.map((access) => (access === Access.number ? splat() : undefined));
    const views = inputs.filter((access) => access !== Access.number);
    const cursors = [...outputs, ...views].map((access) => new Cursor(code, access, integer()));
    const writes = cursors.slice(0, outputs.length);
    let next = outputs.length;
    const reads = inputs.map((access) => (access === Access.number ? undefined : cursors[next++]));
    const varies = (input: number) => inputs[input]! >= Access.dense;
    const vector = new VectorExpression(code, expressions, varies);
    const leaf = (ahead: number) => (input: number) => {
      if (numbers[input] !== undefined) code.get(numbers[input]);
      else reads[input]!.load(ahead);
    };
    const loops = table(1 + cursors.length);
    const count = code.local(type.i32);
    const unroll = vector.weight <= light && inputs.every((access) => access !== Access.strided) ? 4 : 1;
    const move = (vectors: number) => {
      for (const cursor of cursors) cursor.advance(vectors);
      code
        .get(count)
        .i32(4 * vectors)
        .op("i32Sub")
        .set(count);
    };
    walk(code, loops, from, to, ([left, ...positions]) => {
      code.get(left!).get(chunk).get(left!).get(chunk).op("i32LtS", "select").set(count);
      cursors.forEach((cursor, k) => {
        cursor.start(positions[k]!);
      });
      vector.invariants(leaf(0));
      code.block((done) => {
        if (unroll > 1) {
          code.block((short) => {
            code.loop((again) => {
              code
                .get(count)
                .i32(4 * unroll)
                .op("i32LtS")
                .branchIf(short);
              for (let u = 0; u < unroll; u++) {
                const results = vector.each(leaf(u));
                writes.forEach((write, k) => {
                  write.store(results[k]!, u);
                });
              }
              move(unroll);
              code.branch(again);
            });
          });
        }
        code.loop((again) => {
          code.get(count).i32(0).op("i32LeS").branchIf(done);
          code
            .get(count)
            .i32(4)
            .op("i32LtS")
            .if(() => {
              for (const cursor of cursors) cursor.limit(count);
            });
          const results = vector.each(leaf(0));
          code
            .get(count)
            .i32(4)
            .op("i32LtS")
            .if(
              () => {
                writes.forEach((write, k) => {
                  write.storePart(results[k]!, count);
                });
              },
              () => {
                writes.forEach((write, k) => {
                  write.store(results[k]!);
                });
              },
            );
          move(1);
          code.branch(again);
        });
      });
    });
  });
  return assembler;
}
