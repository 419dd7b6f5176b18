import { randn } from "@thalweg/tensor";
import { afterEach, describe, expect, it } from "vitest";
import { setWebAssembly } from "./accelerator";
import { combineLanes } from "./order";

afterEach(() => void setWebAssembly("auto"));

const f = Math.fround;

/** The sum of a row, as ARCHITECTURE.md describes it. */
function sumOf(row: ArrayLike<number>): number {
  let total = 0;
  for (let from = 0; from < row.length; from += 256) {
    const lanes = new Float32Array(8);
    for (let r = from; r < Math.min(from + 256, row.length); r++) lanes[r % 8]! += row[r]!;
    const pair = (k: number) => f(lanes[k]! + lanes[k + 4]!);
    total += f(f(pair(0) + pair(1)) + f(pair(2) + pair(3)));
  }
  return f(total);
}

/** Element (0, 0) of a product, as `order.ts` describes it. */
function productOf(row: ArrayLike<number>, column: ArrayLike<number>): number {
  let total = 0;
  for (let from = 0; from < row.length; from += 256) {
    let sum = 0;
    for (let k = from; k < Math.min(from + 256, row.length); k++) sum = f(sum + f(row[k]! * column[k]!));
    total = f(total + sum);
  }
  return total;
}

it("joins eight lanes as a tree", () => {
  const text = combineLanes(String, (a, b) => `(${a} ${b})`);
  expect(text).toBe("(((0 4) (1 5)) ((2 6) (3 7)))");
});

describe.each(["always", "never"] as const)("with WebAssembly %s", (use) => {
  it.each([1, 7, 8, 255, 256, 257, 1000, 70_001])("sums rows of %d in the order of the contract", (n) => {
    const x = randn([2, n]);
    setWebAssembly(use);
    const expected = [0, 1].map((i) => sumOf(x.select(0, i).contiguous().dataSync()));
    expect(x.sum([1]).toArray()).toEqual(expected);
    expect(x.transpose(0, 1).contiguous().sum([0]).toArray()).toEqual(expected);
  });

  it.each([1, 255, 256, 257, 1500])("sums products of %d terms in the order of the contract", (k) => {
    const [a, b] = [randn([9, k]), randn([k, 11])];
    setWebAssembly(use);
    const column = b.select(1, 0).contiguous().dataSync();
    expect(a.matmul(b).dataSync()[0]).toBe(productOf(a.select(0, 0).contiguous().dataSync(), column));
  });
});
