import { grad } from "@thalweg/autograd";
import {
  adaptiveAvgPool2d,
  avgPool2d,
  batchNorm,
  groupNorm,
  layerNorm,
  maxPool1d,
  maxPool2d,
  ones,
  randn,
  scaledDotProductAttention,
  type Tensor,
  tensor,
  zeros,
} from "@thalweg/tensor";
import { describe, expect, it } from "vitest";

const leaf = (x: Tensor) => {
  x.requiresGrad = true;
  return x;
};

describe("the largest of a window", () => {
  it("is NaN where one is", () => {
    expect(maxPool1d(tensor([[1, Number.NaN, 3, 4]]), 2).toArray()).toEqual([[Number.NaN, 4]]);
  });

  it("passes its gradient to the first of equal elements, row by row", () => {
    const x = leaf(
      tensor([
        [
          [1, 2],
          [2, 2],
        ],
      ]),
    );
    maxPool2d(x, 2).sum().backward();
    expect(x.grad!.toArray()).toEqual([
      [
        [0, 1],
        [0, 0],
      ],
    ]);
  });

  it("is never the padding, however small the elements are", () => {
    const x = leaf(zeros([1, 2, 2]).sub(1e30));
    const y = maxPool2d(x, 3, { padding: 1, stride: 1 });
    expect([...y.dataSync()]).toEqual(new Array(4).fill(Math.fround(-1e30)));
    y.sum().backward();
    expect(x.grad!.sum().item()).toBe(4);
  });

  it("adds up the gradients of windows that overlap", () => {
    const x = leaf(tensor([[0, 5, 0, 0]]));
    maxPool1d(x, 2, { stride: 1 }).sum().backward();
    expect(x.grad!.toArray()).toEqual([[0, 2, 1, 0]]);
  });
});

describe("the mean of a window", () => {
  it("depends on the window only, not on infinities elsewhere", () => {
    const x = tensor([[[1, 3, Number.POSITIVE_INFINITY, 0]]]);
    expect(avgPool2d(x, [1, 2]).toArray()).toEqual([[[2, Number.POSITIVE_INFINITY]]]);
    expect(adaptiveAvgPool2d(x, [1, 4]).toArray()).toEqual(x.toArray());
  });

  it("counts the zeros around the image, or not", () => {
    const x = ones([1, 2, 2]);
    const options = { padding: 1, stride: 1 };
    expect(avgPool2d(x, 2, options).select(0, 0).toArray()).toEqual([
      [0.25, 0.5, 0.25],
      [0.5, 1, 0.5],
      [0.25, 0.5, 0.25],
    ]);
    expect(avgPool2d(x, 2, { ...options, countIncludePad: false }).toArray()).toEqual(
      ones([1, 3, 3]).toArray(),
    );
  });

  it("refuses to divide by 0", () => {
    expect(() => avgPool2d(ones([1, 2, 2]), 2, { divisorOverride: 0 })).toThrow(
      "avgPool2d: divisorOverride is 0; use another number",
    );
  });
});

describe("normalisation", () => {
  it("gives each row mean 0 and variance 1, and NaN for infinities", () => {
    const y = layerNorm(randn([5, 64]).mul(3).add(7), 64, { eps: 0 });
    for (const value of y.mean(1).dataSync()) expect(value).toBeCloseTo(0, 5);
    for (const value of y.var(1, { correction: 0 }).dataSync()) expect(value).toBeCloseTo(1, 4);
    const odd = layerNorm(tensor([[Number.POSITIVE_INFINITY, 1]]), 2);
    expect(odd.isNaN().any().item()).toBe(1);
  });

  it("of one group is layer normalisation, and of as many as channels instance normalisation", () => {
    const x = randn([3, 4, 5]);
    const layer = layerNorm(x, [4, 5]);
    expect([...groupNorm(x, 1).dataSync()]).toEqual([...layer.dataSync()]);
    const channel = layerNorm(x, 5);
    expect([...groupNorm(x, 4).dataSync()]).toEqual([...channel.dataSync()]);
  });

  it("of a batch moves running statistics in training, towards the unbiased variance, and not outside", () => {
    const statistics = { runningMean: zeros([2]), runningVar: ones([2]) };
    const x = tensor([
      [1, 10],
      [3, 30],
    ]);
    batchNorm(x, { ...statistics, training: true, momentum: 0.5 });
    expect(statistics.runningMean.toArray()).toEqual([1, 10]);
    expect(statistics.runningVar.toArray()).toEqual([1.5, 100.5]);
    batchNorm(x, statistics);
    expect(statistics.runningMean.toArray()).toEqual([1, 10]);
    const y = batchNorm(leaf(x.clone()), { ...statistics, training: true });
    expect(statistics.runningMean.requiresGrad).toBe(false);
    y.sum().backward();
  });

  it("refuses a weight that does not fit, with both sides", () => {
    expect(() => layerNorm(ones([2, 3]), 3, { weight: ones([2]) })).toThrow(
      "layerNorm: the weight does not fit, [2] and [3]; it must have shape [3]",
    );
    expect(() => batchNorm(ones([2, 3]), { training: true, bias: ones([2]) })).toThrow(
      "batchNorm: the bias does not fit, [2] and [3]; it must have shape [3]",
    );
  });
});

describe("attention", () => {
  const [q, k, v] = [randn([2, 3, 4]), randn([2, 5, 4]), randn([2, 5, 2])];

  it("does not depend on masked keys", () => {
    const mask = tensor([[true, true, false, true, false]]);
    const seen = tensor([0, 1, 3]);
    const part = scaledDotProductAttention(q, k.indexSelect(1, seen), v.indexSelect(1, seen));
    const masked = scaledDotProductAttention(q, k, v, { mask });
    expect(masked.sub(part).abs().max().item()).toBeLessThan(1e-6);
  });

  it("gives zeros to a query that sees nothing, and no gradient", () => {
    const leaves = [leaf(q.clone()), leaf(k.clone()), leaf(v.clone())];
    const [a, b, c] = leaves as [Tensor, Tensor, Tensor];
    const mask = tensor([[true], [false], [true]]).expand([3, 5]);
    const y = scaledDotProductAttention(a, b, c, { mask });
    expect([...y.select(1, 1).dataSync()]).toEqual([0, 0, 0, 0]);
    const gradients = grad(y.sum(), leaves);
    expect([...gradients[0]!.select(1, 1).dataSync()]).toEqual(new Array(8).fill(0));
    for (const g of gradients) expect(g.isNaN().any().item()).toBe(0);
  });

  it("combines a causal mask with another one", () => {
    const options = { isCausal: true, mask: tensor([[false, true, true, true, true]]) };
    const y = scaledDotProductAttention(q, k, v, options);
    expect([...y.select(1, 0).dataSync()]).toEqual([0, 0, 0, 0]);
    expect([...y.select(1, 1).dataSync()]).toEqual([...v.select(1, 1).dataSync()]);
  });

  it("refuses a mask that does not fit, with both sides", () => {
    expect(() => scaledDotProductAttention(q, k, v, { mask: ones([4, 5]) })).toThrow(
      "scaledDotProductAttention: the mask does not fit, [4, 5] and scores [2, 3, 5]; it must broadcast to [..., queries, keys]",
    );
  });
});
