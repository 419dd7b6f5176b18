import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { built, expressions } from "../../test/random-expr";
import { derive } from "./derive";
import { evaluator } from "./evaluate";
import { type Expr, ExprPool } from "./expr";
import { gradientPrograms } from "./programs/gradient";

const inputs = 3;

/** Expressions that are smooth almost everywhere and moderate in size, so that finite differences are meaningful. */
const smooth = expressions({
  inputs,
  unary: ["neg", "sin", "cos", "tanh", "sigmoid", "erf", "atan", "abs", "sign", "floor"],
  binary: ["add", "sub", "mul", "maximum", "minimum"],
  constants: [0, 1, -1, 2, 0.3, -1.7],
  others: {
    softplus: (x) => x.softplus(),
    relu: (x) => x.relu(),
    clamped: (x) => x.clamp(-1, 1),
    squashed: (x) => x.div(x.mul(x).add(1)),
    root: (x) => x.mul(x).add(0.5).sqrt(),
    logarithm: (x) => x.mul(x).add(0.5).log(),
    angle: (x) => x.atan2(x.cos().add(2)),
    exponential: (x) => x.sin().exp(),
    power: (x) => x.sin().add(2).pow(x.cos()),
  },
});

/** Offsets from round numbers, at which ties and kinks are likely. */
const offsets = [0.000314159, 0.000271828, 0.000141421];

const point = fc.tuple(
  ...offsets.map((offset) => fc.integer({ min: -2000, max: 2000 }).map((n) => n / 1000 + offset)),
);

/** Derivatives of an expression with respect to its inputs, as functions of the inputs. */
function derivatives(root: Expr): ((x: readonly number[]) => number)[] {
  const g = root.pool.input(inputs);
  return derive(root, inputs, g).map((expr) => {
    if (expr === null) return () => 0;
    const evaluate = evaluator([expr], false);
    return (x) => evaluate([...x, 1])[0]!;
  });
}

function functionOf(root: Expr): (x: readonly number[]) => number {
  const evaluate = evaluator([root], false);
  return (x) => evaluate([...x])[0]!;
}

/** Compares a derivative with central differences. Kinks, and points where the differences are inaccurate, always agree. */
function agrees(
  f: (x: readonly number[]) => number,
  i: number,
  x: readonly number[],
  analytic: number,
): boolean {
  const difference = (h: number) => (f(x.with(i, x[i]! + h)) - f(x.with(i, x[i]! - h))) / (2 * h);
  const oneSided = (h: number) => (f(x.with(i, x[i]! + h)) - f(x)) / h;
  const [coarse, fine] = [difference(1e-4), difference(1e-5)];
  const scale = 1 + Math.abs(fine);
  const kink = Math.abs(oneSided(1e-5) - oneSided(-1e-5)) > 1e-2 * scale;
  if (kink || Math.abs(coarse - fine) > 1e-5 * scale) return true;
  return Math.abs(fine - analytic) <= 1e-4 * scale;
}

describe("the derivative", () => {
  test.prop([smooth, point], { numRuns: 500 })(
    "of a random expression agrees with finite differences",
    (tree, x) => {
      const root = built(tree);
      const f = functionOf(root);
      derivatives(root).forEach((derivative, i) => {
        expect(agrees(f, i, x, derivative(x)), `d/dx${i} is ${derivative(x)}`).toBe(true);
      });
    },
  );

  test.prop([smooth, point], { numRuns: 150 })(
    "of a derivative agrees with finite differences",
    (tree, x) => {
      const root = built(tree);
      const one = root.pool.constant(1);
      derive(root, inputs, one).forEach((first) => {
        if (first === null) return;
        const f = functionOf(first);
        derivatives(first).forEach((second, i) => {
          expect(agrees(f, i, x, second(x)), `d/dx${i} is ${second(x)}`).toBe(true);
        });
      });
    },
  );

  test.prop([smooth, point])("is linear in the gradient of the result", (tree, x) => {
    const root = built(tree);
    const g = root.pool.input(inputs);
    for (const expr of derive(root, inputs, g)) {
      if (expr === null) continue;
      const evaluate = evaluator([expr], false);
      const at = (seed: number) => evaluate([...x, seed])[0]!;
      expect(at(4)).toBe(4 * at(1));
      expect(at(0)).toBeCloseTo(0, 12);
    }
  });

  it("is a sum over the paths from an input", () => {
    const pool = new ExprPool();
    const [x, y] = [pool.input(0), pool.input(1)];
    const [dx, dy] = derivatives(x.mul(y).add(x.mul(x)).add(x));
    expect(dx!([3, 5, 0])).toBe(5 + 6 + 1);
    expect(dy!([3, 5, 0])).toBe(3);
  });

  it("is null where there is no path", () => {
    const pool = new ExprPool();
    const [x, y, g] = [pool.input(0), pool.input(1), pool.input(2)];
    expect(derive(x.floor().add(y.gt(0)), 2, g)).toEqual([null, null]);
    expect(derive(pool.constant(3), 2, g)).toEqual([null, null]);
  });

  it("follows the conventions at kinks", () => {
    const x = new ExprPool().input(0);
    const at = (expr: Expr, value: number) => derivatives(expr)[0]!([value, 0, 0]);
    expect(at(x.relu(), 0)).toBe(0);
    expect(at(x.abs(), 0)).toBe(0);
    expect([-1, 1].map((end) => at(x.clamp(-1, 1), end))).toEqual([1, 1]);
    const pool = new ExprPool();
    const [a, b] = [pool.input(0), pool.input(1)];
    expect(derivatives(a.maximum(b)).map((d) => d([1, 1, 0]))).toEqual([0.5, 0.5, 0]);
  });

  it("of a power is finite at base 0 where it can be", () => {
    const pool = new ExprPool();
    const [a, b] = [pool.input(0), pool.input(1)];
    const [da, db] = derivatives(a.pow(b));
    expect(da!([0, 0, 0])).toBe(0);
    expect(da!([0, 1, 0])).toBe(1);
    expect(da!([0, 2, 0])).toBe(0);
    expect(da!([0, 3, 0])).toBe(0);
    expect(da!([0, 0.5, 0])).toBe(Number.POSITIVE_INFINITY);
    expect(db!([0, 2, 0])).toBe(0);
    expect(db!([0, 0, 0])).toBe(0);
    expect(da!([-2, 3, 0])).toBe(12);
    expect(db!([-2, 3, 0])).toBeNaN();
  });
});

describe("a branch that is not taken", () => {
  const poles: readonly (readonly [string, (x: Expr) => Expr])[] = [
    ["log", (x) => x.log()],
    ["sqrt", (x) => x.sqrt()],
    ["reciprocal", (x) => x.reciprocal()],
    ["a fractional power", (x) => x.pow(-1.5)],
    ["asin", (x) => x.sub(7).asin()],
    ["0/0", (x) => x.sin().div(x)],
    ["an overflow", (x) => x.add(1000).exp().mul(x.sub(1000).exp())],
    ["NaN itself", (x) => x.mul(Number.NaN)],
  ];

  it.each(poles)("contributes nothing to the gradient: %s", (_, pole) => {
    for (const value of [-1, 0, -0]) {
      const x = new ExprPool().input(0);
      const [d] = derivatives(x.gt(0).choose(pole(x), x.mul(3)));
      expect(d!([value, 0, 0])).toBe(3);
      const [other] = derivatives(x.le(0).choose(x.mul(3), pole(x)));
      expect(other!([value, 0, 0])).toBe(3);
    }
  });

  it.each(poles)("contributes nothing to the second derivative: %s", (_, pole) => {
    const x = new ExprPool().input(0);
    const first = derive(x.gt(0).choose(pole(x), x.mul(x)), 1, x.pool.constant(1))[0]!;
    expect(derivatives(first)[0]!([0, 0, 0])).toBe(2);
  });

  it("contributes nothing from inside of another branch, or from outside of it", () => {
    const x = new ExprPool().input(0);
    const inner = x.gt(-1).choose(x.mul(2), x.log());
    const [d] = derivatives(x.gt(0).choose(x.sqrt(), inner).mul(5));
    expect(d!([-0.5, 0, 0])).toBe(10);
    expect(d!([0, 0, 0])).toBe(10);
  });

  test.prop([smooth, smooth, point])(
    "does not change the derivative of the branch that is taken",
    (a, b, x) => {
      const pool = new ExprPool();
      const [taken, other] = [a.build(pool), b.build(pool).div(0)];
      const plain = derivatives(taken);
      const chosen = derivatives(pool.input(0).eq(pool.input(0)).choose(taken, other));
      for (let i = 0; i < inputs; i++) expect(chosen[i]!(x) + 0).toBe(plain[i]!(x) + 0);
    },
  );
});

describe("gradient programs", () => {
  it("read the result where the derivative contains it", () => {
    const x = new ExprPool().input(0);
    for (const root of [x.exp(), x.tan(), x.sqrt()]) {
      const [gradient] = gradientPrograms("op", root, 1);
      expect(gradient).toMatchObject({ slots: [1, 2] });
    }
  });

  it("say when there is no gradient, or when it passes unchanged", () => {
    const pool = new ExprPool();
    expect(gradientPrograms("add", pool.input(0).add(pool.input(1)), 2)).toEqual(["pass", "pass"]);
    expect(gradientPrograms("floor", pool.input(0).floor(), 1)).toEqual(["zero"]);
  });
});
