import { fc } from "@fast-check/vitest";
import { type Expr, ExprPool } from "../src/scalar/expr";
import type { BinaryPrimitive, UnaryPrimitive } from "../src/scalar/primitive";

type Build = (pool: ExprPool) => Expr;

/** A scalar expression as a recipe, which counterexamples show as text. */
export interface Recipe {
  readonly build: Build;
  toString(): string;
}

function recipe(text: string, build: Build): Recipe {
  return { build, toString: () => text };
}

export interface Vocabulary {
  readonly inputs: number;
  readonly unary: readonly UnaryPrimitive[];
  readonly binary: readonly BinaryPrimitive[];
  /** Constants to choose from. */
  readonly constants: readonly number[];
  /** Further one-argument functions, by name. */
  readonly others?: Readonly<Record<string, (x: Expr) => Expr>>;
}

/** Random expressions of the given functions, a few levels deep. */
export function expressions({
  inputs,
  unary,
  binary,
  constants,
  others = {},
}: Vocabulary): fc.Arbitrary<Recipe> {
  const leaf = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.nat({ max: inputs - 1 }).map((i) => recipe(`x${i}`, (pool) => pool.input(i))),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...constants)
        .map((value) => recipe(Object.is(value, -0) ? "-0" : String(value), (pool) => pool.constant(value))),
    },
  );
  const one = fc.constantFrom(
    ...unary.map((name) => [name, (x: Expr) => x[name]()] as const),
    ...Object.entries(others),
  );
  const { tree } = fc.letrec<{ tree: Recipe }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.tuple(one, tie("tree")).map(([[name, f], x]) => recipe(`${name}(${x})`, (pool) => f(x.build(pool)))),
      fc
        .tuple(fc.constantFrom(...binary), tie("tree"), tie("tree"))
        .map(([name, a, b]) => recipe(`${name}(${a}, ${b})`, (pool) => a.build(pool)[name](b.build(pool)))),
      fc
        .tuple(tie("tree"), tie("tree"), tie("tree"), tie("tree"))
        .map(([a, b, c, d]) =>
          recipe(`(${a} > ${b} ? ${c} : ${d})`, (pool) =>
            a.build(pool).gt(b.build(pool)).choose(c.build(pool), d.build(pool)),
          ),
        ),
    ),
  }));
  return tree;
}

/** The expression of a recipe in a pool of its own. */
export function built({ build }: Recipe): Expr {
  return build(new ExprPool());
}
