import { describe, expect, it } from "vitest";
import { memoryStats, ones, type Tensor, ThalwegError, tensor } from "./node";

const count = () => memoryStats().heapTensors;

describe("disposing of a tensor", () => {
  it("frees its memory at once, and only once", () => {
    const before = count();
    const x = ones([5000]);
    expect(count()).toBe(before + 1);
    x[Symbol.dispose]();
    x[Symbol.dispose]();
    expect(count()).toBe(before);
  });

  it("happens at the end of a block with `using`", () => {
    const before = count();
    {
      using x = ones([5000]);
      using y = x.add(1);
      expect(y.sum().item()).toBe(10_000);
    }
    expect(count()).toBe(before);
  });

  it("does not free memory that other tensors share", () => {
    const before = count();
    const x = ones([50, 100]);
    const row = x.select(0, 1);
    const turned = x.transpose(0, 1);
    turned[Symbol.dispose]();
    expect(x.sum().item()).toBe(5000);
    x[Symbol.dispose]();
    expect(row.sum().item()).toBe(100);
    row[Symbol.dispose]();
    // `select` makes two views. Nobody holds the intermediate one, so the collector frees it.
    expect(count()).toBeLessThanOrEqual(before + 1);
  });

  const uses: [string, (x: Tensor) => unknown][] = [
    ["add", (x) => x.add(1)],
    ["add", (x) => ones([3]).add(x)],
    ["sum", (x) => x.sum()],
    ["reshape", (x) => x.reshape([3, 1])],
    ["add_", (x) => x.add_(1)],
    ["copy_", (x) => ones([3]).copy_(x)],
    ["toArray", (x) => x.toArray()],
    ["dataSync", (x) => x.dataSync()],
    ["toString", (x) => x.toString()],
    ["to", (x) => x.to("float64")],
  ];

  it.each(uses)("makes further use an error: %s", (op, use) => {
    const x = tensor([1, 2, 3]);
    x[Symbol.dispose]();
    expect(() => use(x)).toThrow(ThalwegError);
    expect(() => use(x)).toThrow(
      `${op}: the tensor was disposed of, shape [3]; dispose of it later, or never`,
    );
  });

  it("makes asynchronous reads reject, but allows inspection", async () => {
    const x = tensor(1);
    x[Symbol.dispose]();
    await expect(x.itemAsync()).rejects.toThrow("itemAsync: the tensor was disposed of, shape []");
    await expect(x.toArrayAsync()).rejects.toThrow("toArrayAsync: the tensor was disposed of");
    const inspect = x as unknown as Record<symbol, () => string>;
    expect(inspect[Symbol.for("nodejs.util.inspect.custom")]!()).toBe("tensor(shape=[], device='cpu')");
  });
});

describe("reading asynchronously", () => {
  it("has the results of reading synchronously", async () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(await x.toArrayAsync()).toEqual(x.toArray());
    expect(await x.select(0, 1).select(0, 0).itemAsync()).toBe(3);
    expect((await x.toAsync("float64")).dtype).toBe("float64");
    await expect(x.itemAsync()).rejects.toThrow("itemAsync: needs exactly one element, shape [2, 2] has 4");
  });
});
