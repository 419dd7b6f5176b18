import {
  bernoulli,
  bincount,
  bincountAsync,
  cummax,
  cummin,
  embedding,
  index,
  indexAsync,
  indexCopy,
  indexPutAsync,
  indexPutAsync_,
  nonzero,
  nonzeroAsync,
  oneHot,
  oneHotAsync,
  scatterReduce,
  type Tensor,
  tensor,
  unique,
  uniqueAsync,
  zeros,
} from "@thalweg/tensor";
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

  it("write products, extrema and elements, also several at one index", async () => {
    const [x, at, src] = [numbers([20, 7]).add(2), indices([90, 7], 20), numbers([90, 7], 3).add(1.5)];
    for (const reduce of ["prod", "mean", "amax", "amin"] as const) {
      for (const includeSelf of [true, false]) {
        const options = { includeSelf };
        await expectSame((a, i, b) => scatterReduce(a, 0, i, b, reduce, options), [x, at, src], 2e-5);
      }
    }
    const once = tensor([4, 0, 2], { dtype: "int32" });
    await expectSame((a, i, b) => indexCopy(a, 0, i, b), [x, once, numbers([3, 7], 3)]);
    const ints = tensor([5, -3, 2], { dtype: "int32", device: "webgpu" });
    const places = tensor([0, 0, 1], { dtype: "int32", device: "webgpu" });
    const written = scatterReduce(ints, 0, places, ints, "amin");
    expect([...(await written.data())]).toEqual([-3, -3, 2]);
  });

  it("propagate NaN in extrema", async () => {
    const x = tensor([1, Number.NaN, 3], on);
    const found = scatterReduce(x, 0, tensor([0, 1], on), tensor([Number.NaN, 2], on), "amax");
    expect([...(await found.data())]).toEqual([Number.NaN, Number.NaN, 3]);
  });

  it("find the extreme elements so far, in short lines and long ones", async () => {
    for (const shape of [
      [5, 40],
      [3, 5000],
    ]) {
      const x = numbers(shape).mul(8).round();
      for (const dim of [0, 1]) {
        await expectSame((a) => cummax(a, dim).indices, [x]);
        await expectSame((a) => cummin(a, dim).indices, [x]);
      }
    }
    const odd = tensor([1, Number.NaN, 3, Number.NaN, 0], on);
    expect([...(await cummax(odd, 0).indices.data())]).toEqual([0, 1, 1, 3, 3]);
  });

  it("give what depends on the elements later", async () => {
    const x = tensor([0, 2, 0, 2], on);
    const later = "cannot be read synchronously, the device answers later";
    for (const now of [nonzero, unique, bincount, oneHot] as ((x: Tensor) => unknown)[]) {
      expect(() => now(x)).toThrow(later);
    }
    expect(() => index(x, x.gt(1))).toThrow(later);
    const found = [
      await nonzeroAsync(x),
      await uniqueAsync(x),
      await bincountAsync(x),
      await indexAsync(x, x.gt(1)),
      await indexPutAsync(x, [x.gt(1)], 5),
      await indexPutAsync_(zeros([4], on), [x.gt(1)], tensor([1, 3], on)),
    ];
    const arrays = await Promise.all(found.map((y) => y.toArrayAsync()));
    expect(arrays).toEqual([
      [[1], [3]],
      [0, 2],
      [2, 0, 2],
      [2, 2],
      [0, 5, 0, 5],
      [0, 1, 0, 3],
    ]);
    expect(found.every(({ device }) => device === "webgpu")).toBe(true);
    expect((await oneHotAsync(x)).shape).toEqual([4, 3]);
  });

  it("of several dimensions are each checked by the device", async () => {
    const x = numbers([3, 4]).to("webgpu");
    index(x, tensor([0], on), tensor([4], on));
    await expect(x.data()).rejects.toThrow("index: index 4 is not one of the 4 positions");
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
