import { allOps, type MapOp } from "@thalweg/tensor";
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
  it.each(functions)("$name is as precise as promised", (measured) => {
    const { worst, at } = measure(measured, 20_011);
    expect(worst, `at ${at}`).toBeLessThanOrEqual(measured.bound);
  });
});

describe("derivatives over a sample of all float32 numbers", () => {
  it.each(derivatives)("$name is as precise as promised, and so are both derivatives", (entry) => {
    measureDerivatives(entry, 20_011).forEach(({ worst, at }, order) => {
      expect(worst, `derivative ${order} at ${at}`).toBeLessThanOrEqual(entry.bounds[order]!);
    });
  });

  it("are measured of every function of one number that has any", () => {
    const linear = ["clone", "neg", "abs", "sign", "square", "pow", "floor", "ceil", "round", "trunc"];
    const pieces = ["relu", "relu6", "hardsigmoid", "hardswish"];
    const parts = ["root"];
    const names = allOps().flatMap((op) => {
      const { kind, name, differentiable } = op;
      return kind === "map" && differentiable && (op as MapOp).arity === 1 && !name.includes("'")
        ? [name]
        : [];
    });
    const measured = derivatives.map(({ name }) => name);
    expect(names).toContain("tanh");
    expect(names.filter((name) => ![...linear, ...pieces, ...parts, ...measured].includes(name))).toEqual([]);
  });
});
