import { Access } from "../../access";
import { block, combineLanes, laneCount } from "../../order";
import { Assembler, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, smaller, until, walk } from "../assembler/loops";
import { frame } from "../runtime/job";
import { Fold, wideCount } from "../vector/combine";
import { Cursor } from "../vector/cursor";
import { VectorExpression } from "../vector/expression";
import type { Reduction } from "./reduce-module";

/** Instructions up to which rows are read one after the other: more than that are done in step. */
const light = 8;

/** Columns that are reduced together: of one cache line, or as many as the registers can hold. */
export const tile = 16;

/**
 * Reduces columns, several vectors of neighbouring ones together: memory is read in its own order. Arguments:
 * rows of a run, of an item, of a column; bytes between the results of blocks; steps of the output and the
 * inputs along the columns, then of the inputs along the rows; the table of items with the positions rows
 * left, columns left, output, inputs; the table of runs with those of the inputs.
 */
export function columnsModule({ combine, map, finish, output, inputs, runs, partial }: Reduction): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const local = (of: (typeof type)[keyof typeof type] = type.i32) => code.local(of);
    const { integer, table } = frame(code, args);
    const [run, chunk, count, blockStep] = [integer(), integer(), integer(), integer()];
    const out = new Cursor(code, output, integer());
    const steps = inputs.map(integer);
    const rowSteps = inputs.map(integer);
    const items = table(3 + inputs.length);
    const inner = runs ? table(inputs.length) : undefined;
    const fold = new Fold(code, combine, finish);
    const elements = wideCount(code, count);
    const vector = new VectorExpression(code, [map], () => true);
    const isLight = vector.weight <= light;
    // Cursors of the rows that are read in step.
    const inStep = isLight ? 1 : 2;
    const cursors = Array.from({ length: inStep }, () =>
      inputs.map((kind, k) => new Cursor(code, kind, steps[k]!)),
    );
    const at = inputs.map(() => local());
    const [rows, left, place, columns, result] = [local(), local(), local(), local(), local()];
    const [first, end] = [local(), local()];

    /** Reduces some vectors of columns, or part of one, from these positions on. */
    const reduceTile = (vectors: number, part: boolean, starts: readonly Local[]) => {
      const sums = Array.from({ length: vectors }, () =>
        Array.from({ length: laneCount }, () => local(type.v128)),
      );
      const totals = Array.from({ length: 2 * vectors }, () => local(type.v128));
      const limited = (cursor: Cursor) => {
        if (!part || cursor.access !== Access.strided) return;
        code
          .get(columns)
          .i32(4)
          .op("i32LtS")
          .if(() => cursor.limit(columns));
      };
      const rotate = (by: number) => {
        for (const sum of sums) {
          for (const lane of sum) code.get(lane);
          for (let i = laneCount - 1; i >= 0; i--) code.set(sum[(i + laneCount - by) % laneCount]!);
        }
      };
      /** Reads rows in step, of which the first belongs to a lane. */
      const read = (count: number, lane: number) => {
        for (let r = 0; r < count; r++) {
          cursors[r]!.forEach((cursor, k) => {
            cursor.start(at[k]!);
            limited(cursor);
            move(code, at[k]!, rowSteps[k]!);
          });
        }
        const leaf = (input: number, u: number) =>
          cursors[Math.floor(u / vectors)]![input]!.load(u % vectors);
        vector.each(leaf, count * vectors)[0]!.forEach((value, u) => {
          const sum = sums[u % vectors]![lane + Math.floor(u / vectors)]!;
          code.get(sum).get(value);
          fold.combine().set(sum);
        });
      };
      const stored = (vectors: readonly Local[]) => {
        vectors.forEach((vector, w) => {
          const whole = () => out.store(vector, w);
          if (part)
            code
              .get(columns)
              .i32(4)
              .op("i32LtS")
              .if(() => out.storePart(vector, columns), whole);
          else whole();
        });
      };
      const endBlock = () => {
        // Rows that are not there leave their lanes as they are.
        until(
          code,
          () =>
            code
              .get(place)
              .i32(laneCount - 1)
              .op("i32And", "i32Eqz"),
          () => {
            rotate(1);
            increase(code, place, 1);
          },
        );
        const join = (a: Local, b: Local) => {
          code.get(a).get(b);
          fold.combine().set(a);
          return a;
        };
        const trees = sums.map((sum) => combineLanes((k) => sum[k]!, join));
        if (partial) {
          out.start(result);
          stored(trees);
          move(code, result, blockStep);
        } else {
          totals.forEach((total, t) => {
            fold.add(total, trees[t >> 1]!, t & 1);
          });
        }
        for (const sum of sums) fold.reset(sum);
      };
      const stretch = (positions: readonly Local[], length: Local) => {
        positions.forEach((position, k) => {
          code.get(position).set(at[k]!);
        });
        code.get(length).set(left);
        const room = local();
        until(
          code,
          () => code.get(left).op("i32Eqz"),
          () => {
            const ofBlock = () =>
              code
                .get(place)
                .i32(block - 1)
                .op("i32And");
            code.i32(block);
            ofBlock().op("i32Sub").set(room);
            smaller(code, left, room);
            code.set(room);
            code.get(left).get(room).op("i32Sub").set(left);
            move(code, place, room);
            const group = isLight ? laneCount : inStep;
            until(
              code,
              () => code.get(room).i32(group).op("i32LtS"),
              () => {
                for (let r = 0; r < group; r += inStep) read(inStep, r);
                if (group < laneCount) rotate(group);
                increase(code, room, -group);
              },
            );
            until(
              code,
              () => code.get(room).op("i32Eqz"),
              () => {
                read(1, 0);
                rotate(1);
                increase(code, room, -1);
              },
            );
            ofBlock().op("i32Eqz").get(place).get(rows).op("i32Eq", "i32Or");
            code.if(endBlock);
          },
        );
      };
      for (const sum of sums) fold.reset(sum);
      fold.resetTotals(totals);
      code.i32(0).set(place);
      if (inner === undefined) stretch(starts, rows);
      else {
        code.i32(0).set(first);
        code.get(rows).get(run).op("i32DivS").set(end);
        walk(code, { ...inner, bases: starts }, first, end, (positions) => stretch(positions, run));
      }
      if (!partial) {
        const halves = fold.finish(totals, elements);
        out.start(result);
        stored(
          sums.map((sum, w) => {
            code
              .get(halves[2 * w]!)
              .get(halves[2 * w + 1]!)
              .shuffle(0, 1, 4, 5)
              .set(sum[0]!);
            return sum[0]!;
          }),
        );
      }
    };

    walk(code, items, from, to, ([rowsLeft, columnsLeft, target, ...positions]) => {
      smaller(code, rowsLeft!, chunk);
      code.set(rows);
      code.i32(tile).set(columns);
      smaller(code, columnsLeft!, columns);
      code.set(columns);
      const starts = positions.map((position) => {
        const copy = local();
        code.get(position).set(copy);
        return copy;
      });
      const start = local();
      code.get(target!).set(start);
      const reduceFrom = (vectors: number, part: boolean) => {
        code.get(start).set(result);
        reduceTile(vectors, part, starts);
      };
      const several = () => {
        until(
          code,
          () => code.get(columns).i32(0).op("i32LeS"),
          () => {
            reduceFrom(1, true);
            [out.step, ...steps].forEach((step, k) => {
              const position = [start, ...starts][k]!;
              code.get(position).get(step).i32(4).op("i32Mul", "i32Add").set(position);
            });
            increase(code, columns, -4);
          },
        );
      };
      if (isLight) {
        code
          .get(columns)
          .i32(tile)
          .op("i32Eq")
          .if(() => reduceFrom(tile / 4, false), several);
      } else several();
    });
  });
  return assembler;
}
