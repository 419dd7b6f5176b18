import { tensor } from "@thalweg/tensor";
import { it } from "vitest";
import { describeGPU, expectSame, numbers } from "../../test/gpu";

describeGPU("running sums and products", () => {
  it.each([
    [[5], 0],
    [[40, 30], 0],
    [[40, 30], 1],
    [[3, 1500], 1],
    [[5000, 2], 0],
  ] as [number[], number][])("of %j along %i", async (shape, dim) => {
    await expectSame((x) => x.cumsum(dim), [numbers(shape)], 2e-5);
    await expectSame((x) => x.mul(0.01).add(1).cumprod(dim), [numbers(shape)], 2e-5);
  });

  it("go on after a zero, and after an overflow of float32", async () => {
    const values = new Float32Array(3000).fill(1.5);
    values[0] = 0;
    await expectSame((x) => x.cumprod(0), [tensor(values)]);
  });
});

describeGPU("sorting", () => {
  it.each([
    [[7], 0],
    [[6, 300], 1],
    [[300, 6], 0],
    [[3, 700], 1],
    [[2049, 2], 0],
  ] as [number[], number][])("orders %j along %i, and is stable", async (shape, dim) => {
    const x = numbers(shape).mul(20).round();
    for (const descending of [false, true]) {
      await expectSame((a) => a.sort(dim, { descending }).indices, [x]);
      await expectSame((a) => a.sort(dim, { descending }).values, [x]);
    }
  });

  it.each([12, 1200])("treats NaN as the largest, and zeros as equal, in lines of %i", async (length) => {
    const few = [3, Number.NaN, -0, 0, -Infinity, Infinity, Number.NaN, -1];
    const x = tensor(Float32Array.from({ length }, (_, i) => few[i % few.length]!));
    for (const descending of [false, true]) await expectSame((a) => a.sort(0, { descending }).indices, [x]);
  });

  it("orders small tensors and large ones in the same way", async () => {
    for (const rows of [2, 400, 3]) await expectSame((a) => a.sort(1).values, [numbers([rows, 60])]);
  });

  it("finds the top k", async () => {
    await expectSame((a) => a.topk(5, 1).values, [numbers([4, 900])]);
  });
});
