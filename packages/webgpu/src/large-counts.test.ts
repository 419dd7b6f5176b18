import { DeviceError } from "@thalweg/kernels";
import { ones, tensor, zeros } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { describeGPU } from "../test/gpu";

describeGPU("expanded views with more elements than kernels count", () => {
  const on = { device: "webgpu" };
  const text = (count: number) =>
    `: there are too many elements for a kernel, ${count} and at most 1073741824 can be counted; expand less, or compute it on the CPU`;

  it("are refused before anything is computed", () => {
    const beyond = 2 ** 31 + 8;
    const long = tensor([3], on).expand([beyond]);
    const [row, column] = [long.unsqueeze(0), long.unsqueeze(1)];
    expect(() => long.mean()).toThrow(DeviceError);
    expect(() => long.mean()).toThrow(text(beyond));
    expect(() => long.max()).toThrow(text(beyond));
    expect(() => row.matmul(column)).toThrow(text(beyond));
    expect(() => long.gather(0, tensor([1], on))).toThrow(text(beyond));
    const index = tensor([0], on).expand([beyond]);
    expect(() => zeros([2], on).scatterAdd(0, index, long)).toThrow(text(beyond));
    expect(() => long.exp()).toThrow("exp: too many elements");
  });

  it("are computed where each result has fewer", async () => {
    const wide = ones([1, 64], on).expand([2 ** 20, 64]);
    expect(await wide.sum(0).toArrayAsync()).toEqual(new Array(64).fill(2 ** 20));
  });
});
