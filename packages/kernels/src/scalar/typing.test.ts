import { describe, expect, it } from "vitest";
import type { ScalarKind } from "./dtype";
import { evaluator } from "./evaluate";
import type { Expr } from "./expr";
import { MapProgram } from "./programs/map-program";
import { trace } from "./trace";
import { typedMap } from "./typing";

/** The kind of what a program gives for inputs of these kinds, and its value for these numbers. */
function run(
  compute: (...x: Expr[]) => Expr,
  kinds: readonly ScalarKind[],
  values: readonly number[],
  wanted?: ScalarKind,
): [ScalarKind, number, boolean] {
  const program = new MapProgram("f", kinds.length, [trace(kinds.length, compute)]);
  const typed = typedMap(program, kinds, [wanted]);
  const [output] = typed.program.outputs as [Expr];
  return [typed.kinds[0]!, evaluator([output], true)(values)[0]!, output.isInt];
}

describe("a typed program", () => {
  it("counts with conditions that are subtracted", () => {
    const difference = (x: Expr, y?: Expr) => x.gt(y!).sub(y!.gt(x));
    expect(run(difference, ["float", "float"], [1, 2])).toEqual(["int", -1, true]);
    expect(run(difference, ["int", "int"], [1, 2])).toEqual(["int", -1, true]);
    expect(run((x) => x.gt(0).mul(-1), ["float"], [3])).toEqual(["int", -1, true]);
    expect(() => run((x, y) => x.sub(y!), ["bool", "int"], [1, 2])).toThrow("bool has no subtraction");
    expect(() => run((x) => x.neg(), ["bool"], [1])).toThrow("bool has no negative");
  });

  it("chooses whole numbers as ints, and others as floats", () => {
    expect(run((x) => x.gt(0).choose(1, 0), ["float"], [3])).toEqual(["int", 1, true]);
    expect(run((x) => x.gt(0).choose(1, 0.5), ["float"], [3])).toEqual(["float", 1, false]);
    expect(run((x) => x.gt(0).choose(x, 0), ["float"], [3])).toEqual(["float", 3, false]);
  });

  it("has ints without the sign of a zero", () => {
    expect(run((x) => x.gt(0).choose(-0, x).reciprocal(), ["int"], [1])[1]).toBe(Number.POSITIVE_INFINITY);
    expect(run((x) => x.reciprocal(), ["int"], [-0])[1]).toBe(Number.POSITIVE_INFINITY);
  });

  it("converts a constant to the type that is wanted, exactly", () => {
    expect(run((x) => x.pool.constant(2 ** 24 + 1), ["float"], [0], "int")).toEqual([
      "int",
      2 ** 24 + 1,
      true,
    ]);
    expect(run((x) => x.pool.constant(0.5), ["float"], [0], "bool")).toEqual(["bool", 1, true]);
    expect(run((x) => x.pool.constant(5), ["int"], [0])).toEqual(["float", 5, false]);
  });
});
