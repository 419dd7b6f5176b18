import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { expressions } from "../../test/random-expr";
import { evaluator } from "./evaluate";
import { type Expr, ExprPool } from "./expr";
import { countNodes, substitute, topological, transplant } from "./graph";

const inputs = 3;
const tree = expressions({
  inputs,
  unary: ["neg", "sin", "tanh", "abs"],
  binary: ["add", "sub", "mul", "maximum"],
  constants: [0, 1, -1.7],
});
const point = fc.tuple(...Array.from({ length: inputs }, () => fc.double({ min: -2, max: 2, noNaN: true })));

const valueOf = (root: Expr, x: readonly number[]) => evaluator([root], false)(x)[0]! + 0;

describe("walking expressions", () => {
  test.prop([tree, tree])("lists each node once, after its operands", (a, b) => {
    const pool = new ExprPool();
    const outputs = [a.build(pool), b.build(pool)];
    const nodes = topological(outputs);
    expect(new Set(nodes).size).toBe(nodes.length);
    expect(nodes).toEqual(expect.arrayContaining(outputs));
    nodes.forEach((node, i) => {
      for (const arg of node.args) expect(nodes.slice(0, i)).toContain(arg);
    });
  });

  test.prop([tree, tree])("counts shared nodes once", (a, b) => {
    const pool = new ExprPool();
    const [first, second] = [a.build(pool), b.build(pool)];
    const both = new Set([...topological([first]), ...topological([second])]);
    expect(countNodes([first, second])).toBe(both.size);
    expect(countNodes([first, first])).toBe(countNodes([first]));
  });

  test.prop([tree, point])("replaces one node by another", (recipe, x) => {
    const pool = new ExprPool();
    const root = recipe.build(pool);
    const moved = substitute(root, (node) => (node.input === 0 ? pool.input(1) : null));
    expect(valueOf(moved, x)).toBe(valueOf(root, x.with(0, x[1]!)));
  });

  test.prop([tree, point])("rebuilds an expression in another pool", (recipe, x) => {
    const root = recipe.build(new ExprPool());
    const pool = new ExprPool();
    const moved = transplant(root, pool, (input) => pool.input(inputs - 1 - input));
    expect(topological([moved]).every((node) => node.pool === pool)).toBe(true);
    expect(valueOf(moved, x)).toBe(valueOf(root, x.toReversed()));
  });
});
