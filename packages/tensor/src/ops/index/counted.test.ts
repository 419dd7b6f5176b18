import { IndexError, ShapeError, ThalwegError } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import {
  argwhere,
  argwhereAsync,
  bincount,
  bincountAsync,
  bucketize,
  histc,
  indexAsync,
  indexPut,
  indexPut_,
  indexPutAsync,
  indexPutAsync_,
  maskedScatter,
  maskedSelect,
  maskedSelectAsync,
  nonzero,
  nonzeroAsync,
  oneHot,
  oneHotAsync,
  ones,
  quantile,
  repeatInterleave,
  repeatInterleaveAsync,
  searchsorted,
  type Tensor,
  take,
  takeAlongDim,
  tensor,
  topk,
  unique,
  uniqueAsync,
  uniqueConsecutive,
  uniqueConsecutiveAsync,
  zeros,
} from "../../index";

const nan = Number.NaN;

describe("a result whose size depends on elements", () => {
  const x = tensor([
    [3, 0, 1],
    [0, 3, 3],
  ]);
  const counts = tensor([2, 0, 1]);
  const pairs: Record<string, [Tensor | Tensor[], Promise<Tensor | Tensor[]>]> = {
    argwhere: [argwhere(x), argwhereAsync(x)],
    nonzero: [nonzero(x), nonzeroAsync(x)],
    "nonzero, a vector for each dimension": [
      nonzero(x, { asTuple: true }),
      nonzeroAsync(x, { asTuple: true }),
    ],
    maskedSelect: [maskedSelect(x, x.gt(0)), maskedSelectAsync(x, x.gt(0))],
    index: [maskedSelect(x, x.gt(0)), indexAsync(x, x.gt(0))],
    indexPut: [indexPut(x, [x.gt(1)], 7), indexPutAsync(x, [x.gt(1)], 7)],
    indexPut_: [indexPut_(x.clone(), [x.gt(1)], 7), indexPutAsync_(x.clone(), [x.gt(1)], 7)],
    repeatInterleave: [repeatInterleave(x, counts, 1), repeatInterleaveAsync(x, counts, 1)],
    "repeatInterleave, by a number": [repeatInterleave(x, 2), repeatInterleaveAsync(x, 2)],
    unique: [unique(x), uniqueAsync(x)],
    uniqueConsecutive: [uniqueConsecutive(x), uniqueConsecutiveAsync(x)],
    bincount: [bincount(counts), bincountAsync(counts)],
    oneHot: [oneHot(counts), oneHotAsync(counts)],
  };

  it.each(Object.keys(pairs))("of %s is the same later", async (name) => {
    const [now, later] = pairs[name]!;
    const arrays = (found: Tensor | Tensor[]) => [found].flat().map((y) => [y.shape, y.toArray()]);
    expect(arrays(await later)).toEqual(arrays(now));
  });
});

describe("unique", () => {
  it("keeps every NaN, as the last values", () => {
    expect(unique(tensor([2, nan, 1, nan])).toArray()).toEqual([1, 2, nan, nan]);
    expect(uniqueConsecutive(tensor([nan, nan])).size).toBe(2);
    const { inverse } = unique(tensor([nan, 5, nan]), { returnInverse: true });
    expect(inverse.toArray()).toEqual([1, 0, 2]);
  });

  it("says for each element where it is, and how often each value occurs", () => {
    const { values, inverse, counts } = unique(tensor([5, 1, 5, 5]), { returnCounts: true });
    expect([values.toArray(), inverse.toArray(), counts.toArray()]).toEqual([
      [1, 5],
      [1, 0, 1, 1],
      [1, 3],
    ]);
    expect([inverse.dtype, counts.dtype]).toEqual(["int32", "int32"]);
  });

  it("has no history", () => {
    const x = tensor([1, 1], { requiresGrad: true });
    expect(unique(x).requiresGrad).toBe(false);
  });
});

describe("refusals", () => {
  it("of bincount name what is wrong", () => {
    expect(() => bincount(tensor([1, -3]))).toThrow(
      "bincount: elements must be whole numbers from 0 on, got -3; use histc for others",
    );
    expect(() => bincount(tensor([0.5]))).toThrow(IndexError);
    expect(() => bincount(zeros([2, 2]))).toThrow(ShapeError);
    expect(() => bincount(tensor([1]), { weights: zeros([2]) })).toThrow(
      "bincount: needs a vector, and as many weights, got [1] and [2]; flatten it first",
    );
  });

  it("of histc and searchsorted", () => {
    expect(() => histc(ones([2]), 3, { min: 2, max: 1 })).toThrow(
      "histc: max is below min, 1 and 2; swap them",
    );
    expect(() => searchsorted(zeros([2, 3]), zeros([3, 3]))).toThrow(
      "searchsorted: the values do not fit, [3, 3] and sequences [2, 3]; the dimensions before the last are equal, or the sequence is a vector",
    );
    expect(() => searchsorted(tensor(1), tensor(1))).toThrow(ShapeError);
    expect(() => searchsorted(ones([1]), ones([1]), { right: true, side: "left" })).toThrow(ThalwegError);
    expect(() => bucketize(ones([1]), zeros([1, 1]))).toThrow(
      "bucketize: the boundaries must be a vector, got shape [1, 1]; use searchsorted for several sequences",
    );
  });

  it("of repeats, quantiles and positions", () => {
    expect(() => repeatInterleave(ones([2]), tensor([1, 2, 3]))).toThrow(
      "repeatInterleave: 3 repeats for 2 positions; give one number, or one for each",
    );
    expect(() => repeatInterleave(ones([2]), tensor([1, -1]))).toThrow(
      "repeatInterleave: repeats must be whole numbers from 0 on, got -1; round them",
    );
    expect(() => quantile(ones([2]), [0.5, 1.5])).toThrow(
      "quantile: a quantile is 1.5; they are from 0 to 1",
    );
    expect(() => take(ones([2]), tensor([2]))).toThrow("take: index 2 is not one of the 2 positions");
    expect(() => takeAlongDim(ones([2]), zeros([1, 1]), 0)).toThrow(
      "takeAlongDim: ranks differ, [2] and the index [1, 1]; give the index a dimension for each",
    );
    expect(() => maskedScatter(zeros([3]), ones([3]), ones([2]))).toThrow(IndexError);
    expect(() => oneHot(zeros([0]))).toThrow("oneHot: a reduced dimension is empty");
  });
});

describe("ties and NaN", () => {
  it("searchsorted puts NaN after everything", () => {
    expect(searchsorted(tensor([1, 2]), tensor([nan])).toArray()).toEqual([2]);
  });

  it("topk counts NaN as the largest, also for the smallest", () => {
    const x = tensor([nan, 2, 1]);
    expect(topk(x, 1).values.toArray()).toEqual([nan]);
    expect(topk(x, 2, 0, { largest: false }).values.toArray()).toEqual([1, 2]);
  });

  it("histc counts neither NaN nor what is outside", () => {
    expect(histc(tensor([nan, -1, 0, 1, 2]), 2, { min: 0, max: 1 }).toArray()).toEqual([1, 1]);
  });
});
