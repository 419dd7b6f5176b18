import { primitives } from "@thalweg/kernels";
import * as T from "@thalweg/tensor";
import { allOps, type Expr, type MapOp } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { derivatives } from "../src/derivatives";
import { functions } from "../src/functions";
import { measure, measureDerivatives } from "../src/measure";
import { ulpError } from "../src/ulp";

describe("an error in units in the last place", () => {
  it("is 0 for the nearest float32, and counts from the exact value", () => {
    expect(ulpError(Math.fround(0.1), 0.1)).toBe(0);
    expect(ulpError(1 + 2 ** -23, 1)).toBe(1);
    expect(ulpError(1, 1 + 0.75 * 2 ** -23)).toBe(0.75);
    expect(ulpError(2 ** -149, 0.25 * 2 ** -149)).toBe(0.75);
    expect(ulpError(Number.POSITIVE_INFINITY, 1e39)).toBe(0);
  });

  it("is infinite for a NaN or a zero of the wrong sign", () => {
    const { NaN, POSITIVE_INFINITY } = Number;
    expect(ulpError(NaN, NaN)).toBe(0);
    expect([ulpError(NaN, 1), ulpError(1, NaN), ulpError(0, -0)]).toEqual(
      new Array(3).fill(POSITIVE_INFINITY),
    );
  });
});

describe("over a sample of all float32 numbers", () => {
  it.each(functions)("$name keeps its bound", (measured) => {
    const { worst, at } = measure(measured, 20_011);
    expect(worst, `at ${at}`).toBeLessThanOrEqual(measured.bound);
  });
});

it("every scalar function has a bound", () => {
  const bounded = functions.map(({ name }) => name);
  expect(Object.keys(primitives).filter((name) => !bounded.includes(name))).toEqual([]);
});

describe("derivatives over a sample of all float32 numbers", () => {
  it.each(derivatives)("$name and both derivatives keep their bounds", (entry) => {
    measureDerivatives(entry, 20_011).forEach(({ worst, at }, order) => {
      expect(worst, `derivative ${order} at ${at}`).toBeLessThanOrEqual(entry.bounds[order]!);
    });
  });

  it("are measured for every function of one number that is not piecewise a polynomial or exact", () => {
    const arithmetic = new Set(["add", "sub", "mul", "div"]);
    const isPlain = ({ primitive, args }: Expr): boolean =>
      (primitive === null || primitive.exact || arithmetic.has(primitive.name)) && args.every(isPlain);
    const names = allOps().flatMap((op) => {
      if (op.kind !== "map" || !op.differentiable || op.name.includes("'")) return [];
      const { arity, program } = op as MapOp;
      return arity === 1 && !program.outputs.every(isPlain) ? [op.name] : [];
    });
    // Functions that are not exported are parts of others. A power with a number is one of the measured function of two.
    const ofTwo = functions.flatMap(({ name, arity }) => (arity === 2 ? [name] : []));
    const measured = [...derivatives.map(({ name }) => name), ...ofTwo];
    const exported = names.filter((name) => name in T);
    expect(exported).toContain("tanh");
    expect(exported.filter((name) => !measured.includes(name))).toEqual([]);
  });
});
