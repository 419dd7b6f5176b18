import type { Expr, RowStage } from "@thalweg/kernels";
import { topological } from "@thalweg/kernels";
import { Access } from "../../access";
import { Assembler, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { Frame } from "../runtime/frame";
import { Fold } from "../vector/combine";
import { Cursor } from "../vector/cursor";
import { VectorExpression } from "../vector/expression";
import { foldStretch, RowLanes } from "../vector/row-lanes";
import { mapElements } from "./map-module";

/** Elements of a row, and bytes of an element; operands are the outputs, then the inputs. */
export const rowFrame = new Frame({
  length: "integer",
  step: "integer",
  items: { operands: "integers" },
});

/**
 * The kernel of a row program, whose expressions are in terms of the machine: a row goes through all stages
 * while it is in the cache.
 *
 * @param inputs which of them have one element for all of a row, and which one each
 */
export function rowProgramModule(
  stages: readonly RowStage[],
  outputs: readonly Expr[],
  inputs: readonly Access[],
): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const counts = { operands: outputs.length + inputs.length };
    const { length, step, items } = rowFrame.read(code, args, counts);
    const cursorOf = (access: Access) => new Cursor(code, access, step);
    const writes = outputs.map(() => cursorOf(Access.dense));
    const reads = inputs.map(cursorOf);
    const [place, left] = [code.local(type.i32), code.local(type.i32)];
    const results = stages.map(() => code.local(type.v128));
    const kept = inputs.length + stages.length;
    const vectorOf = (expressions: readonly Expr[]) =>
      new VectorExpression(code, expressions, (input) => input === kept || inputs[input] === Access.dense);
    const leaf = (input: number, u: number) => {
      if (input < inputs.length) reads[input]!.load(u);
      else if (input === kept) writes[0]!.load(u);
      else code.get(results[input - inputs.length]!);
    };
    const passes = stages.map(({ combine, map, finish, keep }) => {
      const used = new Set(topological([map]).map((node) => node.input));
      const fold = new Fold(code, combine, finish);
      const cursors = reads.filter((_, i) => used.has(i));
      const folded = { vector: vectorOf([map]), leaf, cursors, keep: keep ? writes[0] : undefined };
      return { fold, folded, lanes: new RowLanes(fold), total: code.local(type.v128) };
    });
    const last = vectorOf(outputs);
    items.walk(from, to, ({ operands }) => {
      const start = (cursors: readonly (Cursor | undefined)[]) => {
        [...writes, ...reads].forEach((cursor, k) => {
          if (cursors.includes(cursor)) cursor.start(operands[k]!);
        });
      };
      passes.forEach(({ fold, folded, lanes, total }, i) => {
        start([...folded.cursors, folded.keep]);
        folded.vector.invariants(leaf);
        lanes.reset();
        fold.resetTotals([total]);
        code.i32(0).set(place);
        foldStretch(lanes, { length, place, last: length }, folded, (tree: Local) => fold.add(total, tree));
        const result = fold.finish([total], length)[0]!;
        code.get(result).get(result).shuffle(0, 0, 0, 0).set(results[i]!);
      });
      start([...writes, ...reads]);
      code.get(length).set(left);
      mapElements(code, { vector: last, leaf, writes, reads }, left);
    });
  });
  return assembler;
}
