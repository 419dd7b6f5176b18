import { fc, test } from "@fast-check/vitest";
import { setCodeGeneration, setWebAssembly } from "@thalweg/cpu";
import { afterEach, describe, expect } from "vitest";
import { tensor } from "../../src/create";
import "../../src/index";
import type { Tensor } from "../../src/tensor";

const extremes = [0, 1, -1, 2, 2 ** 24 + 1, 2 ** 31 - 1, -(2 ** 31), 46341, 65537];
const ints = fc.oneof(fc.constantFrom(...extremes), fc.integer(), fc.integer({ min: -3, max: 3 }));

const wrapped = (value: bigint) => Number(BigInt.asIntN(32, value));
const sum = (values: readonly number[]) => wrapped(values.reduce((total, x) => total + BigInt(x), 0n));
const product = (values: readonly number[]) => wrapped(values.reduce((total, x) => total * BigInt(x), 1n));

/** What reductions are, of the elements of a row. */
const reductions: Record<string, [(x: Tensor, dim: number) => Tensor, (row: number[]) => number]> = {
  sum: [(x, dim) => x.sum(dim), sum],
  prod: [(x, dim) => x.prod(dim), product],
  amax: [(x, dim) => x.amax(dim), (row) => Math.max(...row)],
  amin: [(x, dim) => x.amin(dim), (row) => Math.min(...row)],
  any: [(x, dim) => x.any(dim), (row) => Number(row.some((v) => v !== 0))],
  all: [(x, dim) => x.all(dim), (row) => Number(row.every((v) => v !== 0))],
  argmax: [(x, dim) => x.argmax(dim), (row) => row.indexOf(Math.max(...row))],
  argmin: [(x, dim) => x.argmin(dim), (row) => row.indexOf(Math.min(...row))],
};

const numbers = (x: Tensor) => Array.from(x.dataSync(), Number);

describe.each([
  ["WebAssembly", "always", true],
  ["JavaScript", "never", true],
  ["JavaScript without generated code", "never", false],
] as const)("whole numbers in %s", (_, use, generate) => {
  const before = [setWebAssembly("auto"), setCodeGeneration(true)] as const;
  const begin = () => {
    setWebAssembly(use);
    setCodeGeneration(generate);
  };
  afterEach(() => {
    setWebAssembly(before[0]);
    setCodeGeneration(before[1]);
  });

  test.prop([
    fc.constantFrom<[number, number]>([3, 7], [40, 30], [700, 2]),
    fc.array(ints, { minLength: 9, maxLength: 40 }),
    fc.boolean(),
  ])("are reduced along rows and columns, exactly, and wrap", ([m, n], some, isBool) => {
    begin();
    const rows = Array.from({ length: m }, (_, i) =>
      Array.from({ length: n }, (_, j) => {
        const value = some[(7 * i + 3 * j + i * j) % some.length]!;
        return isBool ? Number(value % 2 !== 0) : value;
      }),
    );
    const columns = rows[0]!.map((_, j) => rows.map((row) => row[j]!));
    const x = tensor(rows, { dtype: isBool ? "bool" : "int32" });
    for (const [name, [reduce, model]] of Object.entries(reductions)) {
      expect(numbers(reduce(x, 1)), name).toEqual(rows.map(model));
      expect(numbers(reduce(x, 0)), name).toEqual(columns.map(model));
    }
    expect(x.sum().item()).toBe(sum(rows.flat()));
    expect(numbers(x.cumsum(0))).toEqual(
      rows.flatMap((_, i) => columns.map((column) => sum(column.slice(0, i + 1)))),
    );
  });

  test.prop(
    [
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 300 }),
      fc.array(ints, { minLength: 9, maxLength: 40 }),
    ],
    { numRuns: 40 },
  )("are multiplied as matrices, exactly, and wrap", (m, k, some) => {
    begin();
    const of = (salt: number) =>
      Int32Array.from({ length: m * k }, (_, i) => some[(i * salt) % some.length]!);
    const [a, b] = [of(3), of(7)];
    const expected = Array.from({ length: m * m }, (_, at) => {
      const [i, j] = [Math.floor(at / m), at % m];
      let total = 0n;
      for (let p = 0; p < k; p++) total += BigInt(a[i * k + p]!) * BigInt(b[p * m + j]!);
      return wrapped(total);
    });
    const right = tensor(b, { shape: [k, m] });
    expect(numbers(tensor(a, { shape: [m, k] }).matmul(right))).toEqual(expected);
    const turned = right.transpose(0, 1).contiguous().transpose(0, 1);
    expect(numbers(tensor(a, { shape: [m, k] }).matmul(turned))).toEqual(expected);
  });
});
