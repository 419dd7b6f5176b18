import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { addProduct, addSum, addTerm, type ExactSum, emptySum, valueOf } from "./exact-sum";

/** Numbers whose sums need many more than 53 bits. */
const terms = fc.array(
  fc.tuple(fc.integer({ min: -(2 ** 30), max: 2 ** 30 }), fc.integer({ min: -90, max: 90 })),
  { maxLength: 30 },
);

/** n·2^power as a multiple of 2^-180. */
const scaled = ([n, power]: readonly [number, number]) => BigInt(n) << BigInt(power + 180);

/** A multiple of 2^-180 as the nearest number; ties go to the even one. */
function nearest(value: bigint): number {
  if (value < 0n) return -nearest(-value);
  const extra = Math.max(0, value.toString(2).length - 53);
  const unit = 1n << BigInt(extra);
  let high = value / unit;
  const rest = 2n * (value % unit);
  if (rest > unit || (rest === unit && high % 2n === 1n)) high++;
  return Number(high) * 2 ** (extra - 90) * 2 ** -90;
}

const numberOf = ([n, power]: readonly [number, number]) => n * 2 ** power;

function sumOf(values: readonly number[]): ExactSum {
  const sum = emptySum();
  for (const value of values) addTerm(sum, value);
  return sum;
}

describe("an exact sum", () => {
  test.prop([terms])("is the nearest number to the sum of its terms", (all) => {
    const exact = all.map(scaled).reduce((a, b) => a + b, 0n);
    expect(valueOf(sumOf(all.map(numberOf)))).toBe(nearest(exact) + 0);
  });

  test.prop([terms, terms])("is the same in parts, and after JSON", (some, others) => {
    const [a, b] = [some, others].map((all) => sumOf(all.map(numberOf)));
    const whole = valueOf(sumOf([...others, ...some].map(numberOf)));
    addSum(a!, JSON.parse(JSON.stringify(b)));
    expect(valueOf(a!)).toBe(whole);
  });

  test.prop([terms])("adds products without rounding them", (all) => {
    const sum = emptySum();
    for (const [n, power] of all) addProduct(sum, n * 2 ** power, n + 2 ** 40);
    const exact = all
      .map(([n, power]) => scaled([n, power]) * BigInt(n + 2 ** 40))
      .reduce((a, b) => a + b, 0n);
    expect(valueOf(sum)).toBe(nearest(exact) + 0);
  });

  it("keeps infinities and NaN, after JSON too", () => {
    const { POSITIVE_INFINITY: infinity } = Number;
    for (const values of [
      [1, infinity],
      [-infinity, 3],
      [infinity, 1, -infinity],
      [Number.NaN, 1],
    ]) {
      const expected = values.reduce((a, b) => a + b);
      expect(valueOf(JSON.parse(JSON.stringify(sumOf(values))))).toBe(expected);
    }
    expect(valueOf(sumOf([Number.MAX_VALUE, Number.MAX_VALUE]))).toBe(infinity);
    expect(valueOf(emptySum())).toBe(0);
  });
});
