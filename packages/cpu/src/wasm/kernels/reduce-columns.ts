import { Access } from "../../access";
import { distances, laneCount } from "../../order";
import { Assembler, type Code, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, smaller, until } from "../assembler/loops";
import { Fold } from "../vector/combine";
import { Cursor } from "../vector/cursor";
import { VectorExpression } from "../vector/expression";
import { overBlocks } from "../vector/row-lanes";
import { type Reduction, reduceFrame } from "./reduce-module";

/** The largest number of instructions for which rows are read one after the other. Beyond it, two are read in step. */
const maxSingleWeight = 8;

/** The number of columns that are reduced together: one cache line, or as many as the registers can hold. */
export const tile = 16;

/** The module that reduces columns, several vectors of neighbouring ones together, so that memory is read in order. */
export function columnsModule(reduction: Reduction): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    new Columns(code, args, reduction).reduce(from, to);
  });
  return assembler;
}

/** The columns of a kernel's items, and the state that all their tiles share. */
class Columns {
  readonly code: Code;
  readonly reduction: Reduction;
  readonly args: ReturnType<typeof reduceFrame.read>;
  readonly fold: Fold;
  readonly vector: VectorExpression;
  readonly out: Cursor;
  /** The cursors of each of the rows that are read in step. */
  readonly cursors: readonly (readonly Cursor[])[];
  /** The rows of the item, its remaining columns, and the address of the next result. */
  readonly rows: Local;
  readonly columns: Local;
  readonly result: Local;

  constructor(code: Code, args: Local, reduction: Reduction) {
    const { combine, map, finish, output, inputs } = reduction;
    const { length } = inputs;
    this.code = code;
    this.reduction = reduction;
    this.args = reduceFrame.read(code, args, { steps: length, rowSteps: length, inputs: length });
    this.out = new Cursor(code, output, this.args.outStep);
    this.fold = new Fold(code, combine, finish, map.isInt);
    this.vector = new VectorExpression(code, [map], () => true);
    this.cursors = Array.from({ length: this.isLight ? 1 : 2 }, () =>
      inputs.map((access, k) => new Cursor(code, access, this.args.steps[k]!)),
    );
    this.rows = this.integer();
    this.columns = this.integer();
    this.result = this.integer();
  }

  get isLight(): boolean {
    return this.vector.weight <= maxSingleWeight;
  }

  integer(): Local {
    return this.code.local(type.i32);
  }

  /** Reduces the items `from` to `to`. */
  reduce(from: Local, to: Local): void {
    const { code, args, rows, columns } = this;
    args.items.walk(from, to, (at) => {
      smaller(code, at.left, args.chunk);
      code.set(rows);
      code.i32(tile).set(columns);
      smaller(code, at.columns, columns);
      code.set(columns);
      const [start, ...starts] = [at.out, ...at.inputs].map((position) => {
        const copy = this.integer();
        code.get(position).set(copy);
        return copy;
      }) as [Local, ...Local[]];
      const narrow = () => this.reduceNarrow(start, starts);
      if (!this.isLight) narrow();
      else {
        code
          .get(columns)
          .i32(tile)
          .op("i32Eq")
          .if(() => {
            code.get(start).set(this.result);
            new Tile(this, tile / 4, false).reduce(starts);
          }, narrow);
      }
    });
  }

  /** Reduces the remaining columns, a vector at a time. The last vector may be partial. */
  private reduceNarrow(start: Local, starts: readonly Local[]): void {
    const { code, args, columns } = this;
    until(
      code,
      () => code.get(columns).i32(0).op("i32LeS"),
      () => {
        code.get(start).set(this.result);
        new Tile(this, 1, true).reduce(starts);
        [args.outStep, ...args.steps].forEach((step, k) => {
          const position = [start, ...starts][k]!;
          code.get(position).get(step).i32(4).op("i32Mul", "i32Add").set(position);
        });
        increase(code, columns, -4);
      },
    );
  }

  /** Runs `body` if fewer columns remain than a vector has. */
  ifFew(body: () => void, otherwise?: () => void): void {
    this.code.get(this.columns).i32(4).op("i32LtS").if(body, otherwise);
  }
}

/** Some vectors of columns, or part of one, with their lanes and totals. */
class Tile {
  private readonly of: Columns;
  private readonly part: boolean;
  /** The lanes of each vector. The next row belongs to the first lane. */
  private readonly sums: readonly (readonly Local[])[];
  private readonly totals: readonly Local[];
  /** The positions of the inputs in the next row, and the number of that row in the column. */
  private readonly at: readonly Local[];
  private readonly place: Local;

  constructor(of: Columns, vectors: number, part: boolean) {
    const vector = () => of.code.local(type.v128);
    this.of = of;
    this.part = part;
    this.sums = Array.from({ length: vectors }, () => Array.from({ length: laneCount }, vector));
    this.totals = Array.from({ length: 2 * vectors }, vector);
    this.at = of.reduction.inputs.map(() => of.integer());
    this.place = of.integer();
  }

  /** Reduces the rows of an item from these positions on. */
  reduce(starts: readonly Local[]): void {
    const { of, sums, totals } = this;
    const { code, fold, args, rows, reduction } = of;
    for (const sum of sums) fold.reset(sum);
    fold.resetTotals(totals);
    code.i32(0).set(this.place);
    if (!reduction.runs) this.stretch(starts, rows);
    else {
      const [first, end] = [of.integer(), of.integer()];
      code.i32(0).set(first);
      code.get(rows).get(args.run).op("i32DivS").set(end);
      args.runs.walk(first, end, ({ inputs }) => this.stretch(inputs, args.run), { inputs: starts });
    }
    if (!reduction.partial) this.finish();
  }

  /** Combines rows at even distances. */
  private stretch(positions: readonly Local[], length: Local): void {
    const { of, at, place } = this;
    const { code, rows } = of;
    const left = of.integer();
    positions.forEach((position, k) => {
      code.get(position).set(at[k]!);
    });
    code.get(length).set(left);
    overBlocks(
      code,
      { left, place, last: rows },
      (count) => this.readRows(count),
      () => this.endBlock(),
    );
  }

  /** Reads `count` rows of one block, and counts `count` down to zero. */
  private readRows(count: Local): void {
    const { code, cursors, isLight } = this.of;
    const inStep = cursors.length;
    const group = isLight ? laneCount : inStep;
    until(
      code,
      () => code.get(count).i32(group).op("i32LtS"),
      () => {
        for (let r = 0; r < group; r += inStep) this.read(inStep, r);
        if (group < laneCount) this.rotate(group);
        increase(code, count, -group);
      },
    );
    until(
      code,
      () => code.get(count).op("i32Eqz"),
      () => {
        this.read(1, 0);
        this.rotate(1);
        increase(code, count, -1);
      },
    );
  }

  /** Reads `count` rows in step. The first one belongs to `lane`. */
  private read(count: number, lane: number): void {
    const { of, sums, at } = this;
    const { code, fold, vector, cursors, args } = of;
    const vectors = sums.length;
    for (const row of cursors.slice(0, count)) {
      row.forEach((cursor, k) => {
        cursor.start(at[k]!);
        if (this.part && cursor.access === Access.strided) of.ifFew(() => cursor.limit(of.columns));
        move(code, at[k]!, args.rowSteps[k]!);
      });
    }
    const leaf = (input: number, u: number) => cursors[Math.floor(u / vectors)]![input]!.load(u % vectors);
    vector.each(leaf, count * vectors)[0]!.forEach((value, u) => {
      const sum = sums[u % vectors]![lane + Math.floor(u / vectors)]!;
      code.get(sum).get(value);
      fold.combine().set(sum);
    });
  }

  private rotate(by: number): void {
    const { code } = this.of;
    for (const sum of this.sums) {
      for (const lane of sum) code.get(lane);
      for (let i = laneCount - 1; i >= 0; i--) code.set(sum[(i + laneCount - by) % laneCount]!);
    }
  }

  /** Combines the lanes, which start anew. */
  private endBlock(): void {
    const { of, sums, totals, place } = this;
    const { code, fold, out, result, args, reduction } = of;
    // Missing rows leave their lanes unchanged.
    until(
      code,
      () =>
        code
          .get(place)
          .i32(laneCount - 1)
          .op("i32And", "i32Eqz"),
      () => {
        this.rotate(1);
        increase(code, place, 1);
      },
    );
    const trees = sums.map((sum) => this.combine(sum));
    if (reduction.partial) {
      out.start(result);
      this.store(trees);
      move(code, result, args.blockStep);
    } else {
      totals.forEach((total, t) => {
        fold.add(total, trees[t >> 1]!, t & 1);
      });
    }
    for (const sum of sums) fold.reset(sum);
  }

  /** Combines lanes into the first, level by level. Engines allocate registers better for this than for one branch at a time. */
  private combine(sum: readonly Local[]): Local {
    const { code, fold } = this.of;
    let joined = 0;
    for (const distance of distances) {
      joined |= distance;
      for (let k = 0; k < laneCount; k++) {
        if ((k & joined) !== 0) continue;
        code.get(sum[k]!).get(sum[k + distance]!);
        fold.combine().set(sum[k]!);
      }
    }
    return sum[0]!;
  }

  /** Writes the finished totals. */
  private finish(): void {
    const { code, fold, out, result, args } = this.of;
    const halves = fold.finish(this.totals, args.count);
    out.start(result);
    this.store(
      this.sums.map(([whole], w) => {
        code
          .get(halves[2 * w]!)
          .get(halves[2 * w + 1]!)
          .shuffle(0, 1, 4, 5)
          .set(whole!);
        return whole!;
      }),
    );
  }

  private store(vectors: readonly Local[]): void {
    const { of, part } = this;
    vectors.forEach((vector, w) => {
      const whole = () => of.out.store(vector, w);
      if (part) of.ifFew(() => of.out.storePart(vector, of.columns), whole);
      else whole();
    });
  }
}
