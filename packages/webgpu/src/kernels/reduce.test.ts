import { ones, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { describeGPU, expectSame, numbers } from "../../test/gpu";

const reductions: [string, (x: Tensor, dim?: number | number[]) => Tensor][] = [
  ["sum", (x, dim) => x.sum(dim)],
  ["mean", (x, dim) => x.mean(dim)],
  ["amax", (x, dim) => x.amax(dim)],
  ["amin", (x, dim) => x.amin(dim)],
  ["prod", (x, dim) => x.mul(0.01).add(1).prod(dim)],
];

describeGPU("reductions", () => {
  describe.each(reductions)("%s", (_, reduce) => {
    it.each([
      ["all of a few", [7]],
      ["all of many", [70_001]],
      ["short lines", [100, 9], 1],
      ["long lines", [5, 3000], 1],
      ["few columns", [3000, 5], 0],
      ["many columns", [700, 130], 0],
      ["columns of a tall matrix", [20_000, 40], 0],
      ["a middle dimension", [6, 200, 30], 1],
      ["two dimensions", [10, 6, 8, 5], [1, 3]],
      ["outer dimensions", [10, 6, 8], [0, 1]],
    ] as [string, number[], (number | number[])?][])("of %s", async (_, shape, dim) => {
      await expectSame((x) => reduce(x, dim), [numbers(shape)], 2e-5);
    });
  });

  it("read strided inputs", async () => {
    const x = numbers([40, 50]);
    await expectSame((a) => a.transpose(0, 1).sum(0), [x]);
    await expectSame((a) => a.slice([null, null, 2], [49, null, -3]).sum(1), [x]);
    await expectSame((a) => a.select(0, 1).expand([70, 50]).sum(0), [x]);
  });

  it("propagate NaN", async () => {
    const values = new Float32Array(5000);
    values[4321] = Number.NaN;
    const x = tensor(values, { device: "webgpu" });
    expect(await x.amax().itemAsync()).toBeNaN();
    expect(await x.amin().itemAsync()).toBeNaN();
  });

  it("return the neutral element for empty tensors", async () => {
    const x = zeros([3, 0], { device: "webgpu" });
    expect([...(await x.sum(1).data())]).toEqual([0, 0, 0]);
    expect([...(await x.prod(1).data())]).toEqual([1, 1, 1]);
    expect([...(await x.mean(1).data())]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(await x.sum().itemAsync()).toBe(0);
    expect((await x.sum(0).data()).length).toBe(0);
  });

  it("sum a million ones exactly", async () => {
    const x = ones([2 ** 20], { device: "webgpu" });
    expect(await x.sum().itemAsync()).toBe(2 ** 20);
  });

  it("find extreme elements in small and large tensors in the same way", async () => {
    for (const rows of [2, 400, 3]) {
      await expectSame((x) => x.argmax(1), [numbers([rows, 60])]);
      await expectSame((x) => x.argmax(0), [numbers([20, 50 * rows])]);
    }
  });

  it("find the first of equal extreme elements", async () => {
    const values = numbers([6, 3001]);
    await expectSame((x) => x.argmax(1), [values]);
    await expectSame((x) => x.argmin(0), [values]);
    await expectSame((x) => x.mul(4).round().argmax(1), [values]);
    const x = tensor([
      [1, 3, 3],
      [Number.NaN, 5, Number.NaN],
      [-Infinity, -Infinity, -Infinity],
    ]);
    await expectSame((y) => y.argmax(1), [x]);
    await expectSame((y) => y.expand([40, 3, 3]).permute([1, 2, 0]).argmin(2), [x]);
  });
});
