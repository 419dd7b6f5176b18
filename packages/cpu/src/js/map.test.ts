import { fc, test } from "@fast-check/vitest";
import type { Operand, View } from "@thalweg/kernels";
import { type Expr, ExprPool, evaluator, Layout, MapProgram, primitives } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { built, expressions, type Recipe } from "../../../kernels/test/random-expr";
import { cpu } from "../cpu";
import type { CpuStorage } from "../storage";
import { setCodeGeneration } from "./generate";

const inputs = 3;

const constants = [0, -0, 1, -1, 2, 0.1, -3.3, 1e-30, 1e30, Number.NaN, Number.POSITIVE_INFINITY];

const names = Object.keys(primitives) as (keyof typeof primitives)[];
const unary = names.filter((name) => primitives[name].arity === 1) as Parameters<
  typeof expressions
>[0]["unary"];
const binary = names.filter((name) => primitives[name].arity === 2) as Parameters<
  typeof expressions
>[0]["binary"];

/** Any expression that kernels may have to compute. */
const everything = expressions({ inputs, unary, binary, constants });

/** Long computations in which no step discards the earlier ones, so that every rounding counts. */
const arithmetic = expressions({
  inputs,
  unary: ["neg", "exp", "sin", "tanh", "sigmoid", "erf"],
  binary: ["add", "sub", "mul", "div", "add", "mul", "div"],
  constants: [0.1, -3.3, 7],
});

const anything = fc.oneof(everything, arithmetic);

const value = fc.oneof(
  fc.float({ min: -4, max: 4, noNaN: true }),
  fc.constantFrom(...constants.map(Math.fround), 0.5, 1.5, Math.fround(-1e-8)),
  fc.float(),
);

const rows = fc.array(fc.array(value, { minLength: inputs, maxLength: inputs }), {
  minLength: 1,
  maxLength: 5,
});

const bits = (values: ArrayLike<number>) =>
  Array.from(values, (x) => (Number.isNaN(x) ? "NaN" : Object.is(x, -0) ? "-0" : String(x)));

function view(data: ArrayLike<number>, layout = Layout.contiguous([data.length])): View {
  return { storage: cpu.upload("float32", data), layout };
}

/** One column of the rows as a view: dense, or with stride -2. */
function column(table: readonly (readonly number[])[], i: number, strided: boolean): View {
  const data = table.map((row) => row[i]!);
  if (!strided) return view(data);
  const spread = new Float32Array(2 * data.length).fill(Number.NaN);
  data.forEach((x, k) => {
    spread[2 * (data.length - 1 - k)] = x;
  });
  return view(spread, new Layout([data.length], [-2], 2 * (data.length - 1)));
}

function run(program: MapProgram, operands: readonly Operand[], n: number): Float32Array[] {
  const outputs = program.outputs.map(() => view(new Float32Array(n)));
  cpu.map(program, outputs, operands);
  return outputs.map((out) => cpu.readSync(out) as Float32Array);
}

function interpreted<T>(body: () => T): T {
  const before = setCodeGeneration(false);
  try {
    return body();
  } finally {
    setCodeGeneration(before);
  }
}

/** The definition: every node in turn, rounded to float32. */
function defined(root: Expr, table: readonly (readonly number[])[]): number[] {
  const evaluate = evaluator([root], true);
  return table.map((row) => evaluate(row)[0]!);
}

describe("a rendered kernel", () => {
  test.prop([anything, rows, fc.boolean()], { numRuns: 600 })(
    "computes the expression, rounded at every step, bit for bit",
    (tree, table, strided) => {
      const root = built(tree);
      const program = new MapProgram("random", inputs, [root]);
      const operands = Array.from({ length: inputs }, (_, i) => column(table, i, strided));
      expect(bits(run(program, operands, table.length)[0]!)).toEqual(bits(defined(root, table)));
    },
  );

  test.prop([anything, anything, rows, fc.nat({ max: 26 })], { numRuns: 400 })(
    "has the same bits where code generation is forbidden, for several outputs and any operands",
    (one, other, table, kinds) => {
      const pool = new ExprPool();
      const program = () => new MapProgram("random", inputs, [one.build(pool), other.build(pool)]);
      const n = table.length;
      const operands = Array.from({ length: inputs }, (_, i): Operand => {
        const kind = Math.floor(kinds / 3 ** i) % 3;
        if (kind === 0) return table[0]![i]!;
        if (kind === 1) return column(table, i, false);
        return view([table[0]![i]!], new Layout([n], [0]));
      });
      const rendered = run(program(), operands, n);
      expect(interpreted(() => run(program(), operands, n)).map(bits)).toEqual(rendered.map(bits));
    },
  );

  test.prop([anything, rows])("has the same bits for one element as for many", (tree, table) => {
    const program = new MapProgram("random", inputs, [built(tree)]);
    const all = run(
      program,
      Array.from({ length: inputs }, (_, i) => column(table, i, false)),
      table.length,
    )[0]!;
    table.forEach((row, k) => {
      const single = run(
        program,
        row.map((x) => view([x])),
        1,
      )[0]!;
      expect(bits(single)).toEqual(bits([all[k]!]));
    });
  });

  it("orders 0 and -0 as the definition does", () => {
    for (const pick of ["maximum", "minimum"] as const) {
      const pool = new ExprPool();
      const program = new MapProgram(pick, 2, [pool.input(0)[pick](pool.input(1)).reciprocal()]);
      const [a, b] = [view([0, -0]), view([-0, 0])];
      const rendered = run(program, [a, b], 2)[0]!;
      expect(bits(rendered), pick).toEqual(bits(interpreted(() => run(program, [a, b], 2))[0]!));
    }
  });

  it("rounds a remainder to float32 before the next step", () => {
    // -1e-8 mod 1 is 1 - 1e-8, which float32 rounds to 1, and 1 - 1 is 0.
    const pool = new ExprPool();
    const program = new MapProgram("rest", 1, [pool.input(0).remainder(1).sub(1)]);
    expect(run(program, [view([-1e-8, -1e-8])], 2)[0]).toEqual(new Float32Array([0, 0]));
  });
});

describe("expressions of plain numbers", () => {
  it("are computed once for each call, in float64", () => {
    const pool = new ExprPool();
    const [x, a, b] = [pool.input(0), pool.input(1), pool.input(2)];
    const program = new MapProgram("hoisted", 3, [x.mul(a.sub(b).mul(1e9))]);
    // In float32, 1 - (1 - 1e-9) would be 0.
    const expected = Math.fround((1 - (1 - 1e-9)) * 1e9);
    const operands = [view([1, 2]), 1, 1 - 1e-9];
    expect([...run(program, operands, 2)[0]!]).toEqual([expected, Math.fround(2 * expected)]);
    expect([...interpreted(() => run(program, operands, 2))[0]!]).toEqual([
      expected,
      Math.fround(2 * expected),
    ]);
  });

  it("are read anew in each call of the same kernel", () => {
    const pool = new ExprPool();
    const program = new MapProgram("scaled", 2, [pool.input(0).mul(pool.input(1).add(1))]);
    for (const factor of [1, 2, 40]) {
      expect([...run(program, [view([1, -1]), factor], 2)[0]!]).toEqual([factor + 1, -factor - 1]);
    }
  });

  it("may be whole outputs, next to outputs that read elements", () => {
    const pool = new ExprPool();
    const [x, a] = [pool.input(0), pool.input(1)];
    const program = new MapProgram("both", 2, [a.exp(), x.add(a), pool.constant(7)]);
    expect(run(program, [view([1, 2]), 0], 2).map((out) => [...out])).toEqual([
      [1, 1],
      [1, 2],
      [7, 7],
    ]);
  });

  it("round constants to float32, with and without code generation", () => {
    const pool = new ExprPool();
    const program = new MapProgram("tenth", 1, [pool.input(0).mul(0.1)]);
    const expected = Math.fround(3 * Math.fround(0.1));
    expect(run(program, [view([3, 3])], 2)[0]![0]).toBe(expected);
    expect(interpreted(() => run(program, [view([3, 3])], 2))[0]![0]).toBe(expected);
  });
});

describe("operands of a map", () => {
  const swap = (): Recipe => ({
    build: (pool) => pool.input(0).sub(pool.input(1)),
    toString: () => "x0 - x1",
  });

  it("may be the output itself", () => {
    const program = new MapProgram("double", 2, [built(swap())]);
    const x = view([1, 2, 3]);
    cpu.map(program, [x], [x, 10]);
    expect([...cpu.readSync(x)]).toEqual([-9, -8, -7]);
  });

  it.each([15, 16, 26, 27, 40])("may be as many as %i", (count) => {
    const pool = new ExprPool();
    const args = Array.from({ length: count }, (_, i) => pool.input(i));
    const program = new MapProgram("sum", count, [args.reduce((a, b) => a.add(b))]);
    const layouts = [new Layout([2, 2], [1, 2]), Layout.contiguous([2, 2]), new Layout([2, 2], [0, 0])];
    const storage = cpu.upload("float32", [1, 2, 3, 4]);
    const operands = args.map((_, i): Operand => (i % 4 === 3 ? i : { storage, layout: layouts[i % 4]! }));
    const out = { storage: cpu.allocate("float32", 4), layout: Layout.contiguous([2, 2]) };
    const expected = [0, 1, 2, 3].map((at) =>
      args.reduce((sum, _, i) => {
        const values = [[1, 3, 2, 4][at]!, at + 1, 1, i];
        return sum + values[i % 4]!;
      }, 0),
    );
    cpu.map(program, [out], operands);
    expect([...(out.storage as CpuStorage).array]).toEqual(expected);
  });

  it("select a variant by their kinds, even if they are too many for a numeric key", () => {
    const count = 60;
    const pool = new ExprPool();
    const last = pool.input(count - 1);
    const program = new MapProgram("product", count, [pool.input(0).mul(last)]);
    const x = view([2]);
    const out = view([0]);
    const others = Array.from({ length: count - 2 }, () => x);
    for (const first of [3, x]) {
      cpu.map(program, [out], [first, ...others, 10]);
      expect([...cpu.readSync(out)]).toEqual([first === x ? 20 : 30]);
    }
  });

  it("may have no elements", () => {
    const program = new MapProgram("none", 2, [built(swap())]);
    const none = view([], new Layout([0, 3], [3, 1]));
    expect(() => cpu.map(program, [none], [none, none])).not.toThrow();
  });

  it("are read in float64 by the reference", () => {
    const program = new MapProgram("third", 1, [new ExprPool().input(0).reciprocal()]);
    const out: View = { storage: cpu.allocate("float64", 1), layout: Layout.contiguous([1]) };
    cpu.map(program, [out], [{ storage: cpu.upload("float64", [3]), layout: out.layout }]);
    expect(cpu.readSync(out)[0]).toBe(1 / 3);
  });
});
