import { describe, expect, it } from "vitest";
import { functions } from "../src/functions";
import { measure } from "../src/measure";
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
