import { bernoulli, embedding, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { describeGPU, expectSame, numbers } from "../../test/gpu";

const on = { device: "webgpu" };

/** Indices below `count`, with many duplicates. */
function indices(shape: readonly number[], count: number): Tensor {
  return numbers(shape, 5)
    .add(1)
    .mul(count / 2)
    .floor()
    .clamp(0, count - 1);
}

describeGPU("indices", () => {
  it("gather along any dimension", async () => {
    const x = numbers([7, 9, 5]);
    for (const dim of [0, 1, 2]) {
      const shape = [7, 9, 5].with(dim, 11);
      await expectSame((a, i) => a.gather(dim, i), [x, indices(shape, x.shape[dim]!)]);
    }
    await expectSame((a, i) => a.transpose(0, 2).indexSelect(1, i), [x, indices([20], 9)]);
    await expectSame((w, i) => embedding(i, w), [numbers([30, 6]), indices([4, 5], 30)]);
  });

  it("sum duplicates", async () => {
    const index = indices([3000], 7);
    await expectSame((x, i, s) => x.scatterAdd(0, i, s), [zeros([7]), index, numbers([3000])], 2e-5);
    const rows = indices([200, 1], 5).expand([200, 40]);
    await expectSame((x, i, s) => x.scatterAdd(0, i, s), [numbers([5, 40]), rows, numbers([200, 40], 3)]);
    await expectSame(
      (x, i, s) => x.scatterAdd(1, i, s),
      [numbers([3, 9]), indices([3, 50], 9), numbers([3, 60], 3)],
    );
  });

  it("sum duplicates in large tensors", async () => {
    const index = indices([30_000], 20_000);
    await expectSame((x, i, s) => x.scatterAdd(0, i, s), [numbers([20_000]), index, numbers([30_000], 3)]);
  });

  it.each([
    [
      "gather: index 5 is not one of the 3 positions of the dimension; indices are whole numbers from 0 to 2",
      5,
    ],
    [
      "gather: index -1 is not one of the 3 positions of the dimension; indices are whole numbers from 0 to 2",
      -1,
    ],
    [
      "gather: index 0.5 is not one of the 3 positions of the dimension; indices are whole numbers from 0 to 2",
      0.5,
    ],
    [
      "gather: index NaN is not one of the 3 positions of the dimension; indices are whole numbers from 0 to 2",
      Number.NaN,
    ],
  ])("make the next read throw: %s", async (message, wrong) => {
    const x = tensor([1, 2, 3], on);
    const picked = x.gather(0, tensor([0, wrong, 2], on));
    await expect(x.data()).rejects.toThrow(message);
    // The error is thrown once. The element at that index is NaN.
    expect([...(await picked.data())]).toEqual([1, Number.NaN, 3]);
  });

  it("write nothing for an index out of range", async () => {
    const memory = zeros([8], on);
    const x = memory.narrow(0, 2, 3);
    x.copy_(x.scatterAdd(0, tensor([0, 3, -1, 2], on), tensor([1, 10, 10, 2], on)));
    await expect(memory.data()).rejects.toThrow("scatterAdd: index");
    expect([...(await memory.data())]).toEqual([0, 0, 1, 0, 2, 0, 0, 0]);
  });

  it("name the operation that the user called", async () => {
    tensor([3], on).oneHot(3);
    await expect(zeros([1], on).data()).rejects.toThrow("oneHot: index 3 is not one of the 3 positions");
  });

  it("make the next read throw for wrong probabilities, also of strided tensors", async () => {
    const p = tensor(
      [
        [0.5, 2],
        [1, Number.NaN],
      ],
      on,
    );
    bernoulli(p.select(1, 0));
    expect([...(await p.select(1, 0).data())]).toEqual([0.5, 1]);
    bernoulli(p.narrow(1, 1, 1).narrow(0, 0, 1));
    await expect(p.select(1, 0).data()).rejects.toThrow(
      "bernoulli: a probability is 2; it must be from 0 to 1",
    );
    bernoulli(p.select(0, 1));
    await expect(p.data()).rejects.toThrow("bernoulli: a probability is NaN; it must be from 0 to 1");
    await p.data();
  });
});
