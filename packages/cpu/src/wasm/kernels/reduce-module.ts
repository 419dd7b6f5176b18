import type { Combine, Expr } from "@thalweg/kernels";
import { Access } from "../../access";
import { Assembler, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, smaller, until } from "../assembler/loops";
import { Frame } from "../runtime/frame";
import { Fold } from "../vector/combine";
import { Cursor } from "../vector/cursor";
import { VectorExpression } from "../vector/expression";
import { foldStretch, RowLanes } from "../vector/row-lanes";

/** A reduction whose `map` is lowered to the machine. */
export interface Reduction {
  readonly combine: Combine;
  readonly map: Expr;
  readonly finish: Expr;
  /** How operands are accessed along the vectors. Only columns access the output in this way. */
  readonly output: Access;
  readonly inputs: readonly Access[];
  /** Whether the combined elements are in several runs. */
  readonly runs: boolean;
  /** Whether the results of all blocks are written, for {@link totalsModule}, instead of their total. */
  readonly partial: boolean;
}

const parameters = [type.i32, type.i32, type.i32] as const;

/**
 * Elements of a run, of an item, of a row; bytes between the results of blocks; steps of the output and the inputs along
 * the vectors, and of the inputs along a row. Of an item, elements of the row and columns are left; rows have no columns.
 */
export const reduceFrame = new Frame({
  run: "integer",
  chunk: "integer",
  count: "integer",
  blockStep: "integer",
  outStep: "integer",
  steps: "integers",
  rowSteps: "integers",
  items: { left: "integer", columns: "integer", out: "integer", inputs: "integers" },
  runs: { inputs: "integers" },
});

/** Reduces rows whose elements follow each other in memory. */
export function rowsModule({ combine, map, finish, inputs, runs, partial }: Reduction): Assembler {
  const assembler = new Assembler();
  assembler.function("run", parameters, [], (code, args, from, to) => {
    const { length } = inputs;
    const given = reduceFrame.read(code, args, { steps: length, rowSteps: length, inputs: length });
    const { run, chunk, count, blockStep } = given;
    const cursors = inputs.map((access, k) => new Cursor(code, access, given.steps[k]!));
    const fold = new Fold(code, combine, finish, map.isInt);
    const lanes = new RowLanes(fold);
    const vector = new VectorExpression(code, [map], (input) => inputs[input]! >= Access.dense);
    const total = code.local(type.v128);
    const [place, last, result] = [code.local(type.i32), code.local(type.i32), code.local(type.i32)];
    const [first, end] = [code.local(type.i32), code.local(type.i32)];
    const leaf = (input: number, u: number) => cursors[input]!.load(u);
    given.items.walk(from, to, ({ left, out, inputs: positions }) => {
      lanes.reset();
      fold.resetTotals([total]);
      code.i32(0).set(place);
      code.get(out).set(result);
      smaller(code, left, chunk);
      code.set(last);
      const each = (tree: Local) => {
        if (partial) {
          code.get(result).get(tree).laneAt("v128Store32Lane", 0);
          move(code, result, blockStep);
        } else fold.add(total, tree);
      };
      const foldRun = (starts: readonly Local[], length: Local) => {
        cursors.forEach((cursor, k) => {
          cursor.start(starts[k]!);
        });
        vector.invariants(leaf);
        foldStretch(lanes, { length, place, last }, { vector, leaf, cursors }, each);
      };
      if (!runs) foldRun(positions, last);
      else {
        code.i32(0).set(first);
        code.get(last).get(run).op("i32DivS").set(end);
        given.runs.walk(first, end, (at) => foldRun(at.inputs, run), { inputs: positions });
      }
      if (!partial) {
        code
          .get(out)
          .get(fold.finish([total], count)[0]!)
          .laneAt("v128Store32Lane", 0);
      }
    });
  });
  return assembler;
}

/** Blocks, elements of a row, and bytes from one block to the next. */
export const totalsFrame = new Frame({
  blocks: "integer",
  count: "integer",
  blockStep: "integer",
  items: { out: "integer", first: "integer" },
});

/** The module that combines the results of blocks into totals. */
export function totalsModule(combine: Combine, finish: Expr, isInt: boolean): Assembler {
  const assembler = new Assembler();
  assembler.function("run", parameters, [], (code, args, from, to) => {
    const { blocks, count, blockStep, items } = totalsFrame.read(code, args, {});
    const fold = new Fold(code, combine, finish, isInt);
    const [total, value] = [code.local(type.v128), code.local(type.v128)];
    const [at, left] = [code.local(type.i32), code.local(type.i32)];
    items.walk(from, to, ({ out, first }) => {
      fold.resetTotals([total]);
      code.get(first).set(at);
      code.get(blocks).set(left);
      until(
        code,
        () => code.get(left).op("i32Eqz"),
        () => {
          code.get(at).at("v128Load32Splat").set(value);
          fold.add(total, value);
          move(code, at, blockStep);
          increase(code, left, -1);
        },
      );
      code
        .get(out)
        .get(fold.finish([total], count)[0]!)
        .laneAt("v128Store32Lane", 0);
    });
  });
  return assembler;
}
