import { describe, expect, it } from "vitest";
import { describeGPU } from "../../../../webgpu/test/gpu";
import { type CreateOptions, DTypeError, type Tensor, zeros } from "../../node";

const refused: [string, string, (x: Tensor) => unknown][] = [
  ["max", "max", (x) => x.max(0)],
  ["min", "min", (x) => x.min(0)],
  ["argmax", "argmax", (x) => x.argmax(0)],
  ["argmin", "argmin", (x) => x.argmin(0)],
  ["argmax of all", "argmax", (x) => x.reshape([2, -1]).argmax()],
  ["sort", "sort", (x) => x.sort(0)],
  ["topk", "topk", (x) => x.topk(1)],
];

/** Zeros with a single 1. */
function oneAt(position: number, length: number, options: CreateOptions = {}): Tensor {
  const x = zeros([length], options);
  x.narrow(0, position, 1).add_(1);
  return x;
}

function expectRefusal(x: Tensor, name: string, call: (x: Tensor) => unknown): void {
  expect(() => call(x)).toThrow(DTypeError);
  expect(() => call(x)).toThrow(
    `${name}: float32 holds whole numbers from -2^24 to 2^24, positions are 0 to 16777219; use float64`,
  );
}

describe("a dimension whose positions float32 cannot hold", () => {
  const x = oneAt(2 ** 24 + 1, 2 ** 24 + 4);

  it.each(refused)("is refused by %s", (_, name, call) => {
    expectRefusal(x, name, call);
  });

  it("can be reduced where positions do not matter", () => {
    expect(x.amax(0).item()).toBe(1);
    expect(x.max().item()).toBe(1);
    expect(x.sum().item()).toBe(1);
  });

  it("is none in float64", () => {
    const wide = oneAt(2 ** 24 + 1, 2 ** 24 + 4, { dtype: "float64" });
    expect(wide.argmax(0).item()).toBe(2 ** 24 + 1);
    expect(wide.argmax().item()).toBe(2 ** 24 + 1);
    expect(wide.max(0).item()).toBe(1);
  });

  it("is one element longer than the longest that is right", () => {
    const longest = oneAt(2 ** 24, 2 ** 24 + 1);
    expect(longest.argmax(0).item()).toBe(2 ** 24);
    expect(longest.max(0).item()).toBe(1);
    expect(() =>
      longest
        .reshape([1, 2 ** 24 + 1])
        .expand([2, 2 ** 24 + 1])
        .argmax(),
    ).toThrow(DTypeError);
    expect(
      longest
        .reshape([1, 2 ** 24 + 1])
        .expand([2, 2 ** 24 + 1])
        .argmax(1)
        .toArray(),
    ).toEqual([2 ** 24, 2 ** 24]);
  });
});

describeGPU("a dimension whose positions float32 cannot hold, on the device", () => {
  it.each(refused)("is refused by %s", (_, name, call) => {
    expectRefusal(zeros([2 ** 24 + 4], { device: "webgpu" }), name, call);
  });

  it("can be reduced where positions do not matter", async () => {
    const x = zeros([2 ** 24 + 4], { device: "webgpu" });
    x.narrow(0, 2 ** 24 + 1, 1).add_(1);
    expect(await x.amax(0).itemAsync()).toBe(1);
    const longest = x.narrow(0, 1, 2 ** 24 + 1);
    expect(await longest.argmax(0).itemAsync()).toBe(2 ** 24);
    expect(await longest.max(0).itemAsync()).toBe(1);
  });
});
