import { block, distances, laneCount } from "../../order";
import type { Code, Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, smaller, until } from "../assembler/loops";
import type { Fold } from "./combine";
import type { Cursor } from "./cursor";
import type { Leaf, VectorExpression } from "./expression";

/** The expression that is combined, and the cursors that read its inputs. */
export interface Folded {
  readonly vector: VectorExpression;
  readonly leaf: Leaf;
  readonly cursors: readonly Cursor[];
  /** The cursor that writes the values of the expression, if they are kept. */
  readonly keep?: Cursor | undefined;
}

/** The lanes along one row, whose neighbours follow each other in vectors. */
export class RowLanes {
  readonly fold: Fold;
  private readonly first: Local;
  private readonly second: Local;
  /** The rotation of the lanes: the number, modulo the lanes, of the element that goes to lane 0 of `first`. */
  private readonly phase: Local;
  private readonly mixed: Local;

  constructor(fold: Fold) {
    const { code } = fold;
    this.fold = fold;
    this.first = code.local(type.v128);
    this.second = code.local(type.v128);
    this.mixed = code.local(type.v128);
    this.phase = code.local(type.i32);
  }

  reset(): void {
    this.fold.reset([this.first, this.second]);
    this.fold.code.i32(0).set(this.phase);
  }

  /** Folds the next `count` elements, of which the first is number `place` of its row. */
  elements({ vector, leaf, cursors, keep }: Folded, count: Local, place: Local): void {
    const { fold, first, second, mixed } = this;
    const { code } = fold;
    const advance = (vectors: number) => {
      for (const cursor of cursors) cursor.advance(vectors);
      keep?.advance(vectors);
      increase(code, count, -4 * vectors);
    };
    this.rotate(place);
    for (const vectors of vector.weight <= 64 ? [4, 2] : [2]) {
      until(
        code,
        () =>
          code
            .get(count)
            .i32(4 * vectors)
            .op("i32LtS"),
        () => {
          vector.each(leaf, vectors)[0]!.forEach((value, u) => {
            keep?.store(value, u);
            const lane = u % 2 === 0 ? first : second;
            code.get(lane).get(value);
            fold.combine().set(lane);
          });
          advance(vectors);
        },
      );
    }
    until(
      code,
      () => code.get(count).i32(0).op("i32LeS"),
      () => {
        const few = () => code.get(count).i32(4).op("i32LtS");
        few().if(() => {
          for (const cursor of cursors) cursor.limit(count);
        });
        const value = vector.each(leaf)[0]![0]!;
        few().if(
          () => {
            keep?.storePart(value, count);
            code.get(value).get(fold.neutral).i32x4(0, 1, 2, 3).get(count).op("i32x4Splat", "i32x4LtS");
            code.op("v128Bitselect").set(mixed);
          },
          () => {
            keep?.store(value);
            code.get(value).set(mixed);
          },
        );
        code.get(second).get(first).get(mixed);
        fold.combine().set(second).set(first);
        increase(code, this.phase, 4);
        advance(1);
      },
    );
    // Where a block ends within a vector, the next block begins there.
    code.get(count).if(() => {
      for (const cursor of cursors) cursor.skip(count);
      keep?.skip(count);
    });
  }

  /** Combines the lanes into all lanes of a vector. They start anew. */
  tree(): Local {
    const { fold, first, second, mixed } = this;
    const { code } = fold;
    const start = code.local(type.i32);
    code.i32(0).set(start);
    this.rotate(start);
    combineVectors(fold, first, second, mixed);
    this.reset();
    return mixed;
  }

  /** Rotates the lanes so that element `place` comes next. */
  private rotate(place: Local): void {
    const { first, second, mixed, phase } = this;
    const { code } = this.fold;
    const distance = code.local(type.i32);
    code
      .get(place)
      .get(phase)
      .op("i32Sub")
      .i32(laneCount - 1)
      .op("i32And")
      .set(distance);
    code.get(distance).if(() => {
      for (const by of [1, 2, 4]) {
        const lanes = [by, by + 1, by + 2, by + 3] as const;
        code
          .get(distance)
          .i32(by)
          .op("i32And")
          .if(() => {
            code.get(first).set(mixed);
            code
              .get(first)
              .get(second)
              .shuffle(...lanes)
              .set(first);
            code
              .get(second)
              .get(mixed)
              .shuffle(...lanes)
              .set(second);
          });
      }
      code.get(place).set(phase);
    });
  }
}

/** Combines the lanes of two vectors level by level, into all lanes of `to`. */
function combineVectors(fold: Fold, low: Local, high: Local, to: Local): void {
  const { code } = fold;
  // The first level joins lanes that are a vector apart.
  const [, ...within] = distances;
  code.get(low).get(high);
  fold.combine();
  for (const d of within) {
    code
      .tee(to)
      .get(to)
      .get(to)
      .shuffle(0 ^ d, 1 ^ d, 2 ^ d, 3 ^ d);
    fold.combine();
  }
  code.set(to);
}

/** The numbers of blocks that are combined in step, for `weight` instructions a vector. Registers limit them. */
const inStep = (weight: number): readonly number[] => (weight <= 6 ? [4, 2] : weight <= 24 ? [2] : []);

/** Elements of a row that lie evenly, in order. */
export interface Stretch {
  readonly length: Local;
  /** Number of its first element in the row; moves on. */
  readonly place: Local;
  /** Number of elements of the row. */
  readonly last: Local;
}

/** Combines a stretch. `each` takes the result of a block, which is in all lanes. */
export function foldStretch(lanes: RowLanes, stretch: Stretch, folded: Folded, each: (tree: Local) => void) {
  const { code } = lanes.fold;
  const { length, place, last } = stretch;
  const [room, left] = [code.local(type.i32), code.local(type.i32)];
  code.get(length).set(left);
  for (const blocks of inStep(folded.vector.weight)) {
    until(
      code,
      () => {
        code
          .get(left)
          .i32(blocks * block)
          .op("i32LtS");
        code
          .get(place)
          .i32(block - 1)
          .op("i32And", "i32Or");
      },
      () => {
        foldBlocks(lanes.fold, blocks, folded, room, each);
        increase(code, left, -blocks * block);
        increase(code, place, blocks * block);
      },
    );
  }
  overBlocks(
    code,
    { left, place, last },
    (count) => lanes.elements(folded, count, place),
    () => each(lanes.tree()),
  );
}

/**
 * Emits a loop over the rest of a stretch, in parts that belong to one block each.
 *
 * @param part given a variable with the number of elements, which it may change; `place` is that of the first
 * @param end after the last element of a block, or of the row
 */
export function overBlocks(
  code: Code,
  { left, place, last }: { readonly left: Local; readonly place: Local; readonly last: Local },
  part: (count: Local) => void,
  end: () => void,
): void {
  const [room, count] = [code.local(type.i32), code.local(type.i32)];
  const ofBlock = () =>
    code
      .get(place)
      .i32(block - 1)
      .op("i32And");
  until(
    code,
    () => code.get(left).op("i32Eqz"),
    () => {
      code.i32(block);
      ofBlock().op("i32Sub").set(room);
      smaller(code, left, room);
      code.tee(room).set(count);
      part(count);
      code.get(left).get(room).op("i32Sub").set(left);
      move(code, place, room);
      ofBlock().op("i32Eqz").get(place).get(last).op("i32Eq", "i32Or");
      code.if(end);
    },
  );
}

/** Combines whole blocks in step, because one alone is a chain of additions that wait for each other. */
function foldBlocks(
  fold: Fold,
  blocks: number,
  { vector, leaf, cursors, keep }: Folded,
  turns: Local,
  each: (tree: Local) => void,
) {
  const { code } = fold;
  const lanes = Array.from({ length: 2 * blocks }, () => code.local(type.v128));
  const vectors = block / 4;
  const ahead = (u: number) => (u >> 1) * vectors + (u & 1);
  const advance = (by: number) => {
    for (const cursor of cursors) cursor.advance(by);
    keep?.advance(by);
  };
  fold.reset(lanes);
  code.i32(vectors / 2).set(turns);
  until(
    code,
    () => code.get(turns).op("i32Eqz"),
    () => {
      const values = vector.each((input, u) => leaf(input, ahead(u)), lanes.length)[0]!;
      lanes.forEach((lane, u) => {
        keep?.store(values[u]!, ahead(u));
        code.get(lane).get(values[u]!);
        fold.combine().set(lane);
      });
      advance(2);
      increase(code, turns, -1);
    },
  );
  advance((blocks - 1) * vectors);
  for (let u = 0; u < lanes.length; u += 2) {
    combineVectors(fold, lanes[u]!, lanes[u + 1]!, lanes[u]!);
    each(lanes[u]!);
  }
}
