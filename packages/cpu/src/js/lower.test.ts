import { fc, test } from "@fast-check/vitest";
import {
  countNodes,
  type Expr,
  ExprPool,
  evaluator,
  lower,
  machine,
  type Primitive,
  primitives,
  topological,
} from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { compile, emit } from "./emit";

const { POSITIVE_INFINITY: inf, NaN: nan } = Number;

const { add, sub, mul, div, sqrt, neg, abs, floor, ceil, trunc, round, maximum, minimum } = primitives;
const { eq, ne, lt, le, gt, ge, choose } = primitives;

/** The steps that a processor can do. */
const all: ReadonlySet<Primitive> = new Set([
  ...Object.values(machine),
  ...[add, sub, mul, div, sqrt, neg, abs, floor, ceil, trunc, round, maximum, minimum],
  ...[eq, ne, lt, le, gt, ge, choose],
]);
const isMachine = (primitive: Primitive) => all.has(primitive);

type Name = keyof typeof primitives;

const names = (Object.keys(primitives) as Name[]).filter((name) => name !== "remainder");

function expression(name: Name): Expr {
  const pool = new ExprPool();
  return pool.node(
    primitives[name],
    Array.from({ length: primitives[name].arity }, (_, i) => pool.input(i)),
  );
}

type Scalar = (...args: number[]) => number;

function interpreted(name: Name): Scalar {
  const evaluate = evaluator([expression(name)], true);
  return (...args) => evaluate(args)[0]!;
}

function emitted(name: Name): Scalar {
  const { statements, results } = emit([expression(name)], (i) => `f(x[${i}])`);
  const kernel = compile<(x: number[]) => number>(["x"], `${statements}return ${results[0]};`);
  return (...args) => kernel(args);
}

const bits = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyFloat = bits.map((word) => new Float32Array(new Uint32Array([word]).buffer)[0]!);
const special = [nan, inf, -inf, 0, -0, 1, -1, 0.5, 2, -2, 3, -3, 2 ** -149, 2 ** -126, 3.4e38, -3.4e38];
const float = fc.oneof(
  anyFloat,
  fc.float({ min: -100, max: 100, noNaN: true }),
  fc.constantFrom(...special.map(Math.fround)),
);

/** The next larger float32. */
function next(x: number): number {
  const cell = new Float32Array([x + 0]);
  new Int32Array(cell.buffer)[0]! += x + 0 >= 0 ? 1 : -1;
  return cell[0]!;
}

describe("a lowered expression", () => {
  it.each(names)("has only primitives of the machine left: %s", (name) => {
    const nodes = topological(lower([expression(name)]));
    const left = nodes.flatMap(({ primitive }) =>
      primitive === null || isMachine(primitive) ? [] : [primitive.name],
    );
    expect(left).toEqual([]);
  });

  it.each(names)("passes a float64 only to primitives that take one: %s", (name) => {
    for (const { primitive, args } of topological(lower([expression(name)]))) {
      args.forEach((arg, k) => {
        if (!arg.isConstant) {
          expect(arg.primitive?.wide ?? false, `${primitive!.name} ${k}`).toBe(
            primitive!.wideArgs?.[k] ?? false,
          );
        }
      });
    }
  });

  it("keeps a remainder, which is not a primitive of the machine", () => {
    const [root] = lower([expression("remainder")]);
    expect(root!.primitive).toBe(primitives.remainder);
    expect(isMachine(primitives.remainder)).toBe(false);
  });

  it("computes shared parts of functions of the same argument once", () => {
    const x = new ExprPool().input(0);
    const count = (...roots: Expr[]) => countNodes(lower(roots));
    expect(count(x.sin(), x.cos())).toBeLessThan(1.3 * count(x.sin()));
    expect(count(x.sinh(), x.cosh())).toBeLessThan(1.3 * count(x.sinh()));
  });

  it("cannot be differentiated", () => {
    const x = new ExprPool().input(0);
    const { derivative } = machine.narrow;
    expect(() => derivative(x, x, [x])).toThrow("internal: narrow is made by lowering");
  });

  it.each(names)("has the same bits interpreted and rendered: %s", (name) => {
    const [a, b] = [interpreted(name), emitted(name)];
    fc.assert(
      fc.property(float, float, float, (x, y, z) => {
        expect(a(x, y, z)).toBe(b(x, y, z));
      }),
      { numRuns: 400 },
    );
    for (const x of special) for (const y of special) expect(a(x, y, 1)).toBe(b(x, y, 1));
  });
});

describe("special values", () => {
  it.each(names)("of %s are those of the definition", (name) => {
    const [f, { evaluate, arity }] = [interpreted(name), primitives[name]];
    for (const x of special.map(Math.fround)) {
      for (const y of arity === 1 ? [0] : special.map(Math.fround)) {
        const exact = evaluate(x, y, 1);
        const nearest = Math.fround(exact);
        // A result that is not the nearest float32 is a neighbour of it.
        const close = Math.abs(f(x, y, 1) - nearest) <= 2 ** -23 * Math.abs(nearest);
        if (!close || nearest === 0) expect(f(x, y, 1), `${name}(${x}, ${y})`).toBe(nearest);
      }
    }
  });

  it("of a power are those of C", () => {
    const pow = interpreted("pow");
    expect([pow(1, nan), pow(nan, 0), pow(-1, inf), pow(-1, -inf)]).toEqual([1, 1, 1, 1]);
    expect([pow(-2, 3), pow(-2, 2), pow(-2, 0.5), pow(-inf, 3)]).toEqual([-8, 4, nan, -inf]);
    expect([pow(-0, 3), pow(-0, -3), pow(-0, 2), pow(0, -2)]).toEqual([-0, -inf, 0, inf]);
    expect([pow(nan, 1), pow(2, nan), pow(-1, nan)]).toEqual([nan, nan, nan]);
    expect([pow(2, -149), pow(2, -150), pow(2, 127), pow(2, 128)]).toEqual([2 ** -149, 0, 2 ** 127, inf]);
  });

  it("of exact results are exact", () => {
    for (let n = -149; n < 128; n++) {
      expect(interpreted("log2")(2 ** n)).toBe(n);
      expect(interpreted("pow")(2, n)).toBe(2 ** n);
    }
    for (let n = 0; n <= 10; n++) expect(interpreted("log10")(10 ** n)).toBe(n);
    expect(interpreted("pow")(-3, 5)).toBe(-243);
  });
});

describe("laws", () => {
  const odd: Name[] = ["sin", "tan", "asin", "atan", "sinh", "tanh", "erf"];

  it.each(odd)("%s is odd to the bit", (name) => {
    const f = emitted(name);
    fc.assert(
      fc.property(float, (x) => {
        expect(f(-x)).toBe(-f(x));
      }),
    );
  });

  it.each(["cos", "cosh"] as const)("%s is even to the bit", (name) => {
    const f = emitted(name);
    fc.assert(
      fc.property(float, (x) => {
        expect(f(-x)).toBe(f(x));
      }),
    );
  });

  const rising: Name[] = ["exp", "expm1", "log", "log1p", "log2", "atan", "sinh", "tanh", "erf", "sigmoid"];

  it.each(rising)("%s never falls", (name) => {
    const f = emitted(name);
    fc.assert(
      fc.property(float, (x) => {
        fc.pre(Number.isFinite(x));
        expect(f(next(x)) < f(x)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test.prop([fc.float({ min: -80, max: 80, noNaN: true })])("eˣ e⁻ˣ is nearly 1", (x) => {
    const exp = emitted("exp");
    expect(Math.abs(exp(x) * exp(-x) - 1)).toBeLessThan(3 * 2 ** -24);
  });

  test.prop([anyFloat])("sin² + cos² is nearly 1, however large the angle", (x) => {
    fc.pre(Number.isFinite(x));
    const [sin, cos] = [emitted("sin")(x), emitted("cos")(x)];
    expect(Math.abs(sin * sin + cos * cos - 1)).toBeLessThan(2 ** -22);
  });

  // Hardly any float32 is closer to a multiple of π/2 than these: here the reduction has to be right to 60 bits.
  it.each([16367173 * 2 ** 72, 13195017 * 2 ** -22, 3.4028234663852886e38, 2 ** 45, 2 ** 66, 2 ** 87])(
    "sine and cosine of %d are those of float64",
    (x) => {
      for (const name of ["sin", "cos", "tan"] as const) {
        const exact = Math[name](x);
        expect(Math.abs(emitted(name)(x) - exact)).toBeLessThan(0.51 * 2 ** -23 * Math.abs(exact));
      }
    },
  );
});
