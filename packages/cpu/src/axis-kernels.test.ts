import { fc, test } from "@fast-check/vitest";
import { backendFor, Layout } from "@thalweg/kernels";
import { describe, expect } from "vitest";
import "@thalweg/tensor";

const cpu = backendFor("test", "cpu");

/** Few, so that many are equal; some have no order, or two zeros. */
const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.float({ noNaN: true }),
);
const integer = fc.integer({ min: -3, max: 3 });
const extreme = fc.constantFrom(-(2 ** 31), 2 ** 31 - 1);

const lines = fc.oneof(
  fc.record({ dtype: fc.constant("float32" as const), values: array(value) }),
  fc.record({ dtype: fc.constant("float64" as const), values: array(fc.oneof(value, fc.double())) }),
  fc.record({ dtype: fc.constant("int32" as const), values: array(fc.oneof(integer, extreme)) }),
);

function array(of: fc.Arbitrary<number>) {
  return fc.array(of, { maxLength: 3 * 70, size: "max" });
}

/** The positions that sort `line`: NaN is the largest, and equal elements keep their order. */
function reference(line: readonly number[], descending: boolean): number[] {
  const rank = (x: number) => (Number.isNaN(x) ? 2 : x === Number.POSITIVE_INFINITY ? 1 : 0);
  const compare = (a: number, b: number) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
  return line.map((_, i) => i).sort((i, j) => (descending ? -1 : 1) * compare(line[i]!, line[j]!) || i - j);
}

describe("argsort", () => {
  test.each([10, 300])("keeps the order of an element that is there %i times", (extent) => {
    const input = { storage: cpu.upload("float32", [7]), layout: new Layout([extent], [0], 0) };
    const order = { storage: cpu.allocate("int32", extent), layout: Layout.contiguous([extent]) };
    cpu.argsort(order, input, 0, true);
    expect([...cpu.readSync(order)]).toEqual([...new Array(extent).keys()]);
  });

  test.each(["float32", "float64"] as const)("sorts more than two million elements: %s", (dtype) => {
    const values = Array.from({ length: 2 ** 21 + 77 }, (_, i) => ((i * 7919) % 999_983) - 5e5);
    const layout = Layout.contiguous([values.length]);
    const order = { storage: cpu.allocate("int32", values.length), layout };
    cpu.argsort(order, { storage: cpu.upload(dtype, values), layout }, 0, false);
    const sorted = [...cpu.readSync(order)];
    const compare = (i: number, j: number) => values[i]! - values[j]! || i - j;
    expect(sorted.every((i, k) => k === 0 || compare(sorted[k - 1]!, i) < 0)).toBe(true);
    expect(new Set(sorted).size).toBe(values.length);
  });

  test.prop([lines, fc.constantFrom(1, 2, 3), fc.boolean(), fc.boolean()], { numRuns: 500 })(
    "sorts each line along a dimension, stably",
    ({ dtype, values }, count, descending, isTransposed) => {
      const extent = Math.floor(values.length / count);
      const used = values.slice(0, count * extent);
      const stored = Layout.contiguous(isTransposed ? [extent, count] : [count, extent]);
      const layout = isTransposed ? stored.permute([1, 0]) : stored;
      const input = { storage: cpu.upload(dtype, used), layout };
      const order = {
        storage: cpu.allocate("int32", used.length),
        layout: Layout.contiguous([count, extent]),
      };
      cpu.argsort(order, input, 1, descending);
      const sorted = [...cpu.readSync(order)];
      for (let row = 0; row < count; row++) {
        const line = Array.from({ length: extent }, (_, i) =>
          isTransposed ? used[i * count + row]! : used[row * extent + i]!,
        );
        expect(sorted.slice(row * extent, (row + 1) * extent)).toEqual(reference(line, descending));
      }
    },
  );
});
