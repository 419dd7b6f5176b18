import { describe, expect, it } from "vitest";
import { describeGPU } from "../../../../webgpu/test/gpu";
import { adaptiveAvgPool2d, type CreateOptions, type Tensor, zeros } from "../../node";

/** Zeros with a single 1. */
function oneAt(position: number, length: number, options: CreateOptions = {}): Tensor {
  const x = zeros([length], options);
  x.narrow(0, position, 1).add_(1);
  return x;
}

describe("a dimension with positions beyond float32", () => {
  const at = 2 ** 24 + 1;
  const x = oneAt(at, 2 ** 24 + 4);

  it("has exact positions, which are int32", () => {
    expect([x.argmax(0).item(), x.argmax().item(), x.neg().argmin(0).item()]).toEqual([at, at, at]);
    expect([x.max(0).item(), x.neg().min(0).item()]).toEqual([1, -1]);
    expect(x.gather(0, x.argmax(0, { keepDim: true })).item()).toBe(1);
    const { values, indices } = x.topk(1);
    expect([values.item(), indices.item()]).toEqual([1, at]);
  });

  it("can be pooled", () => {
    const image = oneAt(at, 2 ** 24 + 6).reshape([1, 1, 2 ** 24 + 6]);
    expect(adaptiveAvgPool2d(image, [1, 3]).sum().item()).toBeGreaterThan(0);
  });

  it("can be reduced where positions do not matter", () => {
    expect(x.amax(0).item()).toBe(1);
    expect(x.max().item()).toBe(1);
    expect(x.sum().item()).toBe(1);
  });

  it("has exact positions in float64, too", () => {
    const wide = oneAt(2 ** 24 + 1, 2 ** 24 + 4, { dtype: "float64" });
    expect(wide.argmax(0).item()).toBe(2 ** 24 + 1);
    expect(wide.argmax().item()).toBe(2 ** 24 + 1);
    expect(wide.max(0).item()).toBe(1);
  });
});

describeGPU("a dimension with positions beyond float32, on WebGPU", () => {
  it("can be reduced where positions do not matter", async () => {
    const x = zeros([2 ** 24 + 4], { device: "webgpu" });
    x.narrow(0, 2 ** 24 + 1, 1).add_(1);
    expect(await x.amax(0).itemAsync()).toBe(1);
    expect(await x.argmax(0).itemAsync()).toBe(2 ** 24 + 1);
    expect(await x.max(0).itemAsync()).toBe(1);
  });
});
