import "@thalweg/autograd";
import * as T from "@thalweg/tensor";
import { describe, expect, it } from "vitest";

const attend = T.scaledDotProductAttention;

/** Calls on tensors with an empty dimension, and the shape of the result. */
const calls: [name: string, call: (x: (shape: number[]) => T.Tensor) => T.Tensor, shape: number[]][] = [
  ["matmul with no rows", (x) => x([0, 3]).matmul(x([3, 2])), [0, 2]],
  ["matmul with nothing to sum", (x) => x([2, 0]).matmul(x([0, 3])), [2, 3]],
  ["matmul of an empty batch", (x) => x([0, 2, 3]).matmul(x([3, 4])), [0, 2, 4]],
  ["dot of empty vectors", (x) => x([0]).dot(x([0])), []],
  ["outer with an empty vector", (x) => x([0]).outer(x([3])), [0, 3]],
  ["einsum with nothing to sum", (x) => T.einsum("ij,jk->ik", x([2, 0]), x([0, 3])), [2, 3]],
  ["sum of nothing", (x) => x([2, 0]).sum(1), [2]],
  ["mean along an empty dimension", (x) => x([2, 0]).mean(1, { keepDim: true }), [2, 1]],
  ["prod of nothing", (x) => x([0]).prod(), []],
  ["amax of no rows", (x) => x([0, 3]).amax(1), [0]],
  ["max along a full dimension of an empty tensor", (x) => x([0, 3]).max(1), [0]],
  ["norm of nothing", (x) => x([0]).norm(), []],
  ["logsumexp of no rows", (x) => x([0, 3]).logsumexp(1), [0]],
  ["softmax of no rows", (x) => x([0, 3]).softmax(1), [0, 3]],
  ["logSoftmax along an empty dimension", (x) => x([2, 0]).logSoftmax(1), [2, 0]],
  ["cumsum along an empty dimension", (x) => x([2, 0]).cumsum(1), [2, 0]],
  ["cumprod along an empty dimension", (x) => x([0]).cumprod(0), [0]],
  ["sort of nothing", (x) => x([0]).sort(0).values, [0]],
  ["topk of none", (x) => x([3]).topk(0, 0).values, [0]],
  ["gather with an empty index", (x) => x([3, 2]).gather(0, T.zeros([0, 2])), [0, 2]],
  ["scatterAdd of nothing", (x) => x([3]).scatterAdd(0, T.zeros([0]), x([0])), [3]],
  ["indexSelect with an empty index", (x) => x([3, 2]).indexSelect(1, T.zeros([0])), [3, 0]],
  ["embedding of nothing", (x) => T.zeros([0]).embedding(x([4, 2])), [0, 2]],
  ["conv2d of no images", (x) => T.conv2d(x([0, 2, 4, 4]), x([3, 2, 2, 2])), [0, 3, 3, 3]],
  ["convTranspose2d of no images", (x) => T.convTranspose2d(x([0, 2, 3, 3]), x([2, 1, 2, 2])), [0, 1, 4, 4]],
  ["maxPool2d of no images", (x) => T.maxPool2d(x([0, 2, 4, 4]), 2), [0, 2, 2, 2]],
  ["avgPool2d of no images", (x) => T.avgPool2d(x([0, 2, 4, 4]), 3, { padding: 1 }), [0, 2, 2, 2]],
  ["adaptiveAvgPool2d of no images", (x) => T.adaptiveAvgPool2d(x([0, 2, 4, 4]), [1, 3]), [0, 2, 1, 3]],
  ["layerNorm of no rows", (x) => T.layerNorm(x([0, 3]), 3, { weight: x([3]), bias: x([3]) }), [0, 3]],
  ["groupNorm of no images", (x) => T.groupNorm(x([0, 4, 3]), 2), [0, 4, 3]],
  ["attention without queries", (x) => attend(x([0, 4]), x([3, 4]), x([3, 2])), [0, 2]],
  ["attention without keys", (x) => attend(x([2, 4]), x([0, 4]), x([0, 3])), [2, 3]],
  ["cat with an empty tensor", (x) => T.cat([x([0, 2]), x([3, 2])], 0), [3, 2]],
  ["stack of empty tensors", (x) => T.stack([x([0]), x([0])], 0), [2, 0]],
  ["reshape of nothing", (x) => x([0, 3]).reshape([3, 0, 2]), [3, 0, 2]],
  ["transpose of nothing", (x) => x([0, 3]).transpose(0, 1), [3, 0]],
  ["an empty slice", (x) => x([3]).slice([2, 1]), [0]],
  ["flip of nothing", (x) => x([0]).flip(0), [0]],
  ["expand of an empty tensor", (x) => x([1, 0]).expand([3, 0]), [3, 0]],
  ["pad around nothing", (x) => x([0]).pad([1, 2]), [3]],
  ["repeat no times", (x) => x([2]).repeat([0]), [0]],
  ["roll of nothing", (x) => x([0]).roll(1, 0), [0]],
  ["tril of no rows", (x) => x([0, 3]).tril(), [0, 3]],
  ["diagonal beyond the corner", (x) => x([2, 2]).diagonal({ offset: 5 }), [0]],
];

describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
  it.each(calls)("%s has a shape and a gradient", (_, call, shape) => {
    const leaves: T.Tensor[] = [];
    const result = call((of) => {
      const leaf = T.full(of, 2, { dtype, requiresGrad: true });
      leaves.push(leaf);
      return leaf;
    });
    expect(result.shape).toEqual(shape);
    expect(result.toArray()).toBeDefined();
    result.sum().backward();
    for (const leaf of leaves) expect((leaf.grad ?? leaf).shape).toEqual(leaf.shape);
  });
});
