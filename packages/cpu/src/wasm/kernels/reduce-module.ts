import type { Combine, Expr } from "@thalweg/kernels";
import { Access } from "../../access";
import { Assembler, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, smaller, until, walk } from "../assembler/loops";
import { frame } from "../runtime/job";
import { Fold, wideCount } from "../vector/combine";
import { Cursor } from "../vector/cursor";
import { VectorExpression } from "../vector/expression";
import { foldStretch, LineLanes } from "../vector/row-lanes";

/** A reduction in terms of the machine. */
export interface Reduction {
  readonly combine: Combine;
  readonly map: Expr;
  readonly finish: Expr;
  /** How operands are reached along the vectors; the output by columns only. */
  readonly output: Access;
  readonly inputs: readonly Access[];
  /** Whether what is combined lies in several runs. */
  readonly runs: boolean;
  /** Whether the result is what each block gives, for {@link totalsModule}, and not their total. */
  readonly partial: boolean;
}

const parameters = [type.i32, type.i32, type.i32] as const;

/**
 * Reduces lines whose elements follow each other in memory. Arguments: elements of a run, of an item, of a
 * line; bytes between the results of blocks; steps of the inputs; the table of items with the positions
 * elements left, output, inputs; the table of runs with those of the inputs.
 */
export function rowsModule({ combine, map, finish, inputs, runs, partial }: Reduction): Assembler {
  const assembler = new Assembler();
  assembler.function("run", parameters, [], (code, args, from, to) => {
    const { integer, table } = frame(code, args);
    const [run, chunk, count, blockStep] = [integer(), integer(), integer(), integer()];
    const cursors = inputs.map((access) => new Cursor(code, access, integer()));
    const items = table(2 + inputs.length);
    const inner = runs ? table(inputs.length) : undefined;
    const fold = new Fold(code, combine, finish);
    const lanes = new LineLanes(fold);
    const vector = new VectorExpression(code, [map], (input) => inputs[input]! >= Access.dense);
    const elements = wideCount(code, count);
    const total = code.local(type.v128);
    const [place, last, result] = [code.local(type.i32), code.local(type.i32), code.local(type.i32)];
    const [first, end] = [code.local(type.i32), code.local(type.i32)];
    const leaf = (input: number, u: number) => cursors[input]!.load(u);
    walk(code, items, from, to, ([left, out, ...positions]) => {
      lanes.reset();
      fold.resetTotals([total]);
      code.i32(0).set(place);
      code.get(out!).set(result);
      smaller(code, left!, chunk);
      code.set(last);
      const each = (tree: Local) => {
        if (partial) {
          code.get(result).get(tree).laneAt("v128Store32Lane", 0);
          move(code, result, blockStep);
        } else fold.add(total, tree);
      };
      const line = (starts: readonly Local[], length: Local) => {
        cursors.forEach((cursor, k) => {
          cursor.start(starts[k]!);
        });
        vector.invariants(leaf);
        foldStretch(lanes, { length, place, last }, { vector, leaf, cursors }, each);
      };
      if (inner === undefined) line(positions, last);
      else {
        code.i32(0).set(first);
        code.get(last).get(run).op("i32DivS").set(end);
        walk(code, { ...inner, bases: positions }, first, end, (starts) => line(starts, run));
      }
      if (!partial) {
        code
          .get(out!)
          .get(fold.finish([total], elements)[0]!)
          .laneAt("v128Store32Lane", 0);
      }
    });
  });
  return assembler;
}

/** Totals of what blocks gave. Arguments: blocks, elements of a line, bytes between blocks, then the items. */
export function totalsModule(combine: Combine, finish: Expr): Assembler {
  const assembler = new Assembler();
  assembler.function("run", parameters, [], (code, args, from, to) => {
    const { integer, table } = frame(code, args);
    const [blocks, count, blockStep] = [integer(), integer(), integer()];
    const items = table(2);
    const fold = new Fold(code, combine, finish);
    const elements = wideCount(code, count);
    const [total, value] = [code.local(type.v128), code.local(type.v128)];
    const [at, left] = [code.local(type.i32), code.local(type.i32)];
    walk(code, items, from, to, ([out, first]) => {
      fold.resetTotals([total]);
      code.get(first!).set(at);
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
        .get(out!)
        .get(fold.finish([total], elements)[0]!)
        .laneAt("v128Store32Lane", 0);
    });
  });
  return assembler;
}
