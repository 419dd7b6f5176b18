import { fc, test } from "@fast-check/vitest";
import { ShapeError } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { full, ones, tensor, zeros } from "../../create";
import "../../node";
import { getThreads, setThreads } from "@thalweg/cpu";
import { Layout, rowMajorStrides } from "@thalweg/kernels";
import { cat } from "../join/cat";

const size: fc.Arbitrary<number> = fc.nat(5);
const noSize: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ max: -1 }),
  fc.double({ noInteger: true }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -65536, -1, 0.5, 2 ** -16),
);

describe("a layout", () => {
  test.prop([fc.array(size, { maxLength: 3 }), noSize, fc.nat(3)], { numRuns: 300 })(
    "refuses values that are not sizes",
    (sizes, wrong, at) => {
      const shape = sizes.toSpliced(Math.min(at, sizes.length), 0, wrong);
      const text = `sizes must be whole numbers from 0 on, got [${shape.join(", ")}]`;
      expect(() => new Layout(shape, rowMajorStrides(shape))).toThrow(ShapeError);
      expect(() => Layout.contiguous(shape)).toThrow(`Layout: ${text}`);
      expect(() => tensor(1).layout.expand(shape)).toThrow(`expand: ${text}`);
    },
  );

  it("is not confused with one of another shape", () => {
    const known = Layout.contiguous([2, 65531]);
    expect(() => Layout.contiguous([3, -5])).toThrow("got [3, -5]");
    expect(Layout.contiguous([0, 32768]).size).toBe(0);
    expect(() => Layout.contiguous([0.5, 0])).toThrow("got [0.5, 0]");
    expect(Layout.contiguous([2, 65531])).toBe(known);
  });

  it("cannot have more than 2^53 elements", () => {
    expect(new Layout([2 ** 26, 2 ** 26], [0, 0]).size).toBe(2 ** 52);
    expect(() => new Layout([2 ** 27, 2 ** 27], [0, 0])).toThrow(
      "Layout: too many elements, shape [134217728, 134217728] has 18014398509481984 and at most 9007199254740991 are possible; use smaller sizes",
    );
    expect(() => tensor(1).expand(new Array<number>(40).fill(2 ** 52))).toThrow("expand: too many");
    expect(Layout.contiguous([0, 2 ** 40, 2 ** 40]).size).toBe(0);
  });
});

describe("a view", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  const within = (layout: Layout, count: number) => {
    try {
      layout.checkWithin("select", count);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(ShapeError);
      expect(String(error)).toMatch(
        /^ShapeError: select: positions leave the tensor of \d elements, shape \[.*\]; use whole numbers within its sizes$/,
      );
      return false;
    }
  };

  it("outside of its tensor is refused", () => {
    expect(within(new Layout([2, 3], [3, 1]), 6)).toBe(true);
    expect(within(new Layout([2, 3], [3, 1]), 5)).toBe(false);
    expect(within(new Layout([2, 3], [-3, 1], 3), 6)).toBe(true);
    expect(within(new Layout([2, 3], [-3, 1], 2), 6)).toBe(false);
    expect(within(new Layout([3], [0.5]), 6)).toBe(false);
    expect(within(new Layout([3], [1], 0.5), 6)).toBe(false);
    expect(within(new Layout([], [], Number.NaN), 6)).toBe(false);
    expect(within(new Layout([0], [1], 9), 6)).toBe(true);
    expect(within(new Layout([2 ** 50], [0], 5), 6)).toBe(true);
    expect(within(new Layout([2 ** 50], [0], 6), 6)).toBe(false);
  });

  it("names the called function in errors", () => {
    expect(() => x.expand([-3, 2, 3])).toThrow(
      "expand: shape must be an array of whole numbers from 0 on, or -1, got [-3, 2, 3]",
    );
    expect(() => tensor([[7]]).expand([Number.NaN, 1])).toThrow(
      "expand: shape must be an array of whole numbers from 0 on, or -1, got [NaN, 1]",
    );
    expect(() => x.diagonal({ offset: 0.5 })).toThrow("diagonal: ");
  });
});

/** Tensors beside a hole in the heap, which a bad size could overwrite. */
describe.each([1, 2])("with %i threads", (threads) => {
  it("a bad size does not change other tensors", () => {
    const before = getThreads();
    setThreads(threads);
    const hole = zeros([3050]);
    const ok = full([1100], 1);
    hole[Symbol.dispose]();
    expect(() => cat([full([64, 50], 9), full([1, 50], 7).expand([-3, 50])])).toThrow(ShapeError);
    expect(() => cat([full([1, 500], 7).expand([-4000, 500]), full([4000, 500], 9)])).toThrow(ShapeError);
    expect(ok.eq(1).all().item()).toBe(1);
    expect(full([64, 500], 2).mul(2).sum().item()).toBe(128_000);
    setThreads(before);
  });
});

describe("an operation", () => {
  it("names itself when its result would be too large", () => {
    const [column, row] = [ones([1, 1]).expand([2 ** 20, 1]), ones([1, 1]).expand([1, 2 ** 20])];
    const text =
      "too many elements, shape [1048576, 1048576] has 1099511627776 and at most 2147483647 are possible";
    expect(() => column.add(row)).toThrow(`add: ${text}`);
    expect(() => column.matmul(row)).toThrow(`matmul: ${text}`);
    expect(() => column.expand([2 ** 20, 2 ** 20]).exp()).toThrow(`exp: ${text}`);
    expect(() => column.expand([2 ** 20, 2 ** 20]).clone()).toThrow(text);
    expect(() =>
      tensor(1)
        .expand([2 ** 20, 2 ** 20, 2])
        .sum(2),
    ).toThrow("sum: too many elements, shape [1048576, 1048576, 1]");
  });
});
