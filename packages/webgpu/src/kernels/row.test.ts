import { it } from "vitest";
import { describeGPU, expectSame, numbers } from "../../test/gpu";

describeGPU("row programs", () => {
  it.each([
    ["short ones", [70, 10], 1],
    ["long ones", [6, 700], 1],
    ["very many of medium length", [9000, 100], 1],
    ["columns", [300, 6], 0],
    ["a middle dimension", [3, 50, 5], 1],
    ["so long that they are divided", [2, 20_000], 1],
  ] as [string, number[], number][])("of %s", async (_, shape, dim) => {
    const x = numbers(shape);
    await expectSame((a) => a.mul(8).softmax(dim), [x]);
    await expectSame((a) => a.mul(8).logSoftmax(dim), [x]);
  });

  it("read strided inputs", async () => {
    await expectSame((a) => a.transpose(0, 1).softmax(1), [numbers([50, 40])]);
    await expectSame((a) => a.flip(1).logSoftmax(1), [numbers([5, 40])]);
    for (const start of [0, 1, 4]) {
      await expectSame((a) => a.narrow(1, start, 8).softmax(1), [numbers([5, 16])]);
      await expectSame((a) => a.narrow(1, start, 8).logSoftmax(1), [numbers([5, 15])]);
    }
  });
});
