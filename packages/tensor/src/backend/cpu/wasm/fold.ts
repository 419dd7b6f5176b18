import type { Expr } from "../../../scalar/expr";
import { type Combine, neutral } from "../../../scalar/program";
import type { Code, Local } from "./assembler";
import type { Cursor } from "./cursor";
import { type Leaf, VectorExpression } from "./expression";
import { type Plain, type } from "./instructions";
import { increase, move, smaller, until } from "./walk";

/**
 * The order of combination is that of the JavaScript tier: element r of a line goes to lane r mod 8, in
 * float32; after every block the lanes are combined as a tree, and what they give is combined in float64.
 */
export const block = 256;

const suffix: Record<Combine, string> = { sum: "Add", prod: "Mul", max: "Max", min: "Min" };

/** What all folding of one kernel has in common. */
export class Fold {
  readonly code: Code;
  private readonly combination: Combine;
  readonly neutral: Local;
  private readonly wideNeutral: Local;
  private readonly finishing: VectorExpression;

  /** @param finish of the combined value and the number of elements */
  constructor(code: Code, combination: Combine, finish: Expr) {
    this.code = code;
    this.combination = combination;
    this.neutral = code.local(type.v128);
    this.wideNeutral = code.local(type.v128);
    code.f32x4(neutral[combination]).set(this.neutral);
    code.f64x2(neutral[combination]).set(this.wideNeutral);
    this.finishing = new VectorExpression(code, [finish], () => true, "f64x2");
  }

  /** Combines the two vectors on the stack. */
  combine(lanes: "f32x4" | "f64x2" = "f32x4"): Code {
    return this.code.op(`${lanes}${suffix[this.combination]}` as Plain);
  }

  /** Sets variables to the neutral element. */
  reset(lanes: readonly Local[]): void {
    for (const lane of lanes) this.code.get(this.neutral).set(lane);
  }

  resetTotals(totals: readonly Local[]): void {
    for (const total of totals) this.code.get(this.wideNeutral).set(total);
  }

  /** Combines a total with two lanes of a vector of float32. */
  add(total: Local, vector: Local, half = 0): void {
    const { code } = this;
    code.get(total).get(vector);
    if (half === 1) code.get(vector).shuffle(2, 3, 2, 3);
    code.op("f64x2PromoteLowF32x4");
    this.combine("f64x2").set(total);
  }

  /** Finished totals, each as two float32 lanes. */
  finish(totals: readonly Local[], count: Local): readonly Local[] {
    const results = this.finishing.each(
      (input, u) => this.code.get(input === 0 ? totals[u]! : count),
      totals.length,
    )[0]!;
    return results.map((result) => {
      const narrow = this.code.local(type.v128);
      this.code.get(result).op("f32x4DemoteF64x2Zero").set(narrow);
      return narrow;
    });
  }
}

/** The number of combined elements, as finishing wants it. */
export function wideCount(code: Code, count: Local): Local {
  const wide = code.local(type.v128);
  code.get(count).op("f64ConvertI32U", "f64x2Splat").set(wide);
  return wide;
}

/** What is folded, and the cursors that it is read by. */
export interface Folded {
  readonly vector: VectorExpression;
  readonly leaf: Leaf;
  readonly cursors: readonly Cursor[];
  /** Where the folded values are written, too. */
  readonly keep?: Cursor | undefined;
}

/** The lanes along one line, whose neighbours follow each other in vectors. */
export class LineLanes {
  readonly fold: Fold;
  private readonly first: Local;
  private readonly second: Local;
  /** How far the lanes are rotated: the next element goes to lane 0 of what is left in `first`. */
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

  /** Folds the next `count` elements, of which the first is number `place` of its line. */
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
    // Where a block ends within a vector, the next one begins there.
    code.get(count).if(() => {
      for (const cursor of cursors) cursor.skip(count);
      keep?.skip(count);
    });
  }

  /** The lanes combined, in all lanes of a vector; they start anew. */
  tree(): Local {
    const { fold, first, second, mixed } = this;
    const { code } = fold;
    const start = code.local(type.i32);
    code.i32(0).set(start);
    this.rotate(start);
    combineLanes(fold, first, second, mixed);
    this.reset();
    return mixed;
  }

  /** Rotates the lanes so that the element of that number comes next. */
  private rotate(place: Local): void {
    const { first, second, mixed, phase } = this;
    const { code } = this.fold;
    const distance = code.local(type.i32);
    code.get(place).get(phase).op("i32Sub").i32(7).op("i32And").set(distance);
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

/** ((0 4) (1 5)) ((2 6) (3 7)) of eight lanes, into all lanes of `to`. */
function combineLanes(fold: Fold, low: Local, high: Local, to: Local): void {
  const { code } = fold;
  code.get(low).get(high);
  fold.combine().tee(to).get(to).get(to).shuffle(1, 0, 3, 2);
  fold.combine().tee(to).get(to).get(to).shuffle(2, 3, 0, 1);
  fold.combine().set(to);
}

/** How many blocks are folded in step, by the instructions for one vector: registers are few. */
const inStep = (weight: number): readonly number[] => (weight <= 6 ? [4, 2] : weight <= 24 ? [2] : []);

/** Elements of a line that lie evenly, in order. */
export interface Stretch {
  readonly length: Local;
  /** Number of its first element in the line; moves on. */
  readonly place: Local;
  /** Number of elements of the line. */
  readonly last: Local;
}

/** Folds a stretch; `each` takes what a block gives, which stands in all lanes. */
export function foldStretch(lanes: LineLanes, stretch: Stretch, folded: Folded, each: (tree: Local) => void) {
  const { code } = lanes.fold;
  const { length, place, last } = stretch;
  const [room, count, left] = [code.local(type.i32), code.local(type.i32), code.local(type.i32)];
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
      code.tee(room).set(count);
      lanes.elements(folded, count, place);
      code.get(left).get(room).op("i32Sub").set(left);
      move(code, place, room);
      ofBlock().op("i32Eqz").get(place).get(last).op("i32Eq", "i32Or");
      code.if(() => each(lanes.tree()));
    },
  );
}

/** Folds whole blocks in step: one alone is a chain of additions that wait for each other. */
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
    combineLanes(fold, lanes[u]!, lanes[u + 1]!, lanes[u]!);
    each(lanes[u]!);
  }
}
