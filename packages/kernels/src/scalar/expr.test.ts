import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { evaluator } from "./evaluate";
import { type Expr, ExprPool } from "./expr";
import { type Primitive, primitives } from "./primitive";

const names = Object.keys(primitives) as (keyof typeof primitives)[];

const special = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  1,
  -1,
  2,
  3,
  0.5,
  -0.5,
  -2.5,
  1e-310,
  1.5e308,
];

/** The value of an expression at `inputs`, in float64. */
function valueOf(expr: Expr, inputs: readonly number[]): number {
  return evaluator([expr], false)([...inputs])[0]!;
}

/** Whether two numbers are equal, where NaN equals NaN and 0 equals -0. */
function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function close(a: number, b: number): boolean {
  return same(a, b) || Math.abs(a - b) <= 1e-14 * Math.abs(b);
}

/** Calls a primitive as a method, as gradient rules do. */
function call(primitive: Primitive, args: readonly (Expr | number)[], pool: ExprPool): Expr {
  const [first, ...rest] = args.map((arg) => pool.expr(arg)) as [Expr, ...Expr[]];
  const methods = first as unknown as Record<string, (...args: Expr[]) => Expr>;
  return methods[primitive.name]!(...rest);
}

describe("a pool", () => {
  it("makes equal subexpressions one object", () => {
    const pool = new ExprPool();
    const [x, y] = [pool.input(0), pool.input(1)];
    expect(pool.input(0)).toBe(x);
    expect(pool.constant(2)).toBe(pool.constant(2));
    expect(x.mul(y).add(1).exp()).toBe(x.mul(y).add(1).exp());
    expect(x.mul(y)).not.toBe(y.mul(x));
  });

  it("distinguishes 0 from -0, and has one NaN", () => {
    const pool = new ExprPool();
    expect(pool.constant(0)).not.toBe(pool.constant(-0));
    expect(pool.constant(-0).is(-0)).toBe(true);
    expect(pool.constant(-0).is(0)).toBe(false);
    expect(pool.constant(Number.NaN)).toBe(pool.constant(Number.NaN));
  });

  it("numbers arguments before the nodes that use them", () => {
    const pool = new ExprPool();
    const x = pool.input(0);
    const y = x.exp().add(x).sin();
    const check = (node: Expr) => {
      for (const arg of node.args) {
        expect(arg.id).toBeLessThan(node.id);
        check(arg);
      }
    };
    check(y);
  });

  it("refuses expressions of another pool", () => {
    const [a, b] = [new ExprPool().input(0), new ExprPool().input(0)];
    expect(() => a.add(b)).toThrow(
      "pointwise: an expression of another operation was used; make it in this body",
    );
  });
});

describe("rewriting", () => {
  /** Checks every combination of inputs and constants as arguments, at all special values. */
  function check(
    primitive: Primitive,
    agree: (a: number, b: number) => boolean,
    skip: (args: number[]) => boolean,
  ) {
    const { arity } = primitive;
    const tuples = special.flatMap((a) =>
      arity === 1
        ? [[a]]
        : special.flatMap((b) => (arity === 2 ? [[a, b]] : special.slice(0, 8).map((c) => [a, b, c]))),
    );
    for (const values of tuples) {
      if (skip(values)) continue;
      const expected = primitive.evaluate(...values);
      for (let constants = 0; constants < 1 << arity; constants++) {
        const pool = new ExprPool();
        const args = values.map((value, i) => (constants & (1 << i) ? value : pool.input(i)));
        const got = valueOf(call(primitive, args, pool), values);
        const isConstant = values.map((_, i) => (constants & (1 << i) ? "constant" : "input"));
        expect(
          agree(got, expected),
          `${primitive.name}(${values}) of ${isConstant}: ${got}, not ${expected}`,
        ).toBe(true);
      }
    }
  }

  const rewrittenByRule = (name: string) => name === "pow";

  it.each(names.filter((name) => !rewrittenByRule(name)))(
    "keeps the value of %s at special values",
    (name) => {
      check(primitives[name], same, () => false);
    },
  );

  it("keeps the value of a power to within rounding, except for the root of -Infinity", () => {
    check(primitives.pow, close, ([a, b]) => a === Number.NEGATIVE_INFINITY && b === 0.5);
  });

  it("computes the power 0.5 as a root, which is NaN at -Infinity, as in PyTorch", () => {
    const x = new ExprPool().input(0);
    expect(valueOf(x.pow(0.5), [Number.NEGATIVE_INFINITY])).toBeNaN();
  });

  const values = fc.constantFrom(...special);

  test.prop([values, values])("keeps the value of sums and differences with negated terms", (a, b) => {
    const pool = new ExprPool();
    const [x, y] = [pool.input(0), pool.input(1)];
    const at = (expr: Expr) => valueOf(expr, [a, b]);
    expect(same(at(x.add(y.neg())), a + -b)).toBe(true);
    expect(same(at(x.sub(y.neg())), a - -b)).toBe(true);
    expect(same(at(x.add(x)), a + a)).toBe(true);
    expect(same(at(x.neg().neg()), a)).toBe(true);
    expect(same(at(x.mul(-1)), a * -1)).toBe(true);
    expect(same(at(x.mul(y.sub(y))), a * (b - b))).toBe(true);
  });

  it("does not simplify x * 0, x - x or x / x", () => {
    const x = new ExprPool().input(0);
    expect(valueOf(x.mul(0), [Number.POSITIVE_INFINITY])).toBeNaN();
    expect(valueOf(x.sub(x), [Number.POSITIVE_INFINITY])).toBeNaN();
    expect(valueOf(x.div(x), [0])).toBeNaN();
  });

  it("folds constants and removes operations that change nothing", () => {
    const pool = new ExprPool();
    const x = pool.input(0);
    expect(pool.constant(2).mul(3)).toBe(pool.constant(6));
    expect(x.mul(1)).toBe(x);
    expect(x.add(0)).toBe(x);
    expect(x.div(1)).toBe(x);
    expect(x.neg().neg()).toBe(x);
    expect(x.gt(0).choose(x, x)).toBe(x);
    expect(pool.constant(1).choose(x, 0)).toBe(x);
    expect(x.pow(1)).toBe(x);
  });
});

describe("the vocabulary", () => {
  it("rounds halves to even and keeps values without a fraction", () => {
    const { evaluate } = primitives.round;
    expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5].map((x) => evaluate(x) + 0)).toEqual([0, 2, 2, 0, -2, -2]);
    expect([1e300, Number.POSITIVE_INFINITY, Number.NaN].map((x) => evaluate(x))).toEqual([
      1e300,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
  });

  it("gives remainders the sign of the divisor", () => {
    const { evaluate } = primitives.remainder;
    expect([evaluate(7, 3), evaluate(-7, 3), evaluate(7, -3), evaluate(-7, -3)]).toEqual([1, 2, -2, -1]);
    expect(evaluate(1, 0)).toBeNaN();
    expect(evaluate(1, Number.POSITIVE_INFINITY)).toBe(1);
  });

  it("propagates a NaN of either side through maximum and minimum", () => {
    for (const { evaluate } of [primitives.maximum, primitives.minimum]) {
      expect(evaluate(Number.NaN, 1)).toBeNaN();
      expect(evaluate(1, Number.NaN)).toBeNaN();
    }
  });

  it("computes 1 to any power, and -1 to an infinite power, as 1", () => {
    const { evaluate } = primitives.pow;
    expect(evaluate(1, Number.NaN)).toBe(1);
    expect(evaluate(1, Number.POSITIVE_INFINITY)).toBe(1);
    expect(evaluate(-1, Number.NEGATIVE_INFINITY)).toBe(1);
    expect(evaluate(Number.NaN, 0)).toBe(1);
  });

  // Reference values from Abramowitz and Stegun, table 7.1, and from DLMF 7.
  it.each([
    [0, 0],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [2.5, 0.999593047982555],
    [3, 0.9999779095030014],
    [7, 1],
  ])("computes erf(%d) as %d, as an odd function", (x, y) => {
    const { evaluate } = primitives.erf;
    expect(Math.abs(evaluate(x) - y)).toBeLessThanOrEqual(4e-16);
    expect(evaluate(-x)).toBe(-evaluate(x));
    expect(evaluate(Number.NaN)).toBeNaN();
  });
});
