import { fc, test } from "@fast-check/vitest";
import { ShapeError, type Tensor, ThalwegError, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  type LossOptions,
  marginRankingLoss,
  type Reduction,
  tripletMarginLoss,
} from "./index";

const numbers = fc.array(
  fc.integer({ min: -3000, max: 3000 }).map((n) => (n || 1) / 1000),
  { minLength: 6, maxLength: 6 },
);
const signs = fc.array(fc.constantFrom(1, -1), { minLength: 6, maxLength: 6 });
const wide = (data: readonly number[], shape = [2, 3]) =>
  tensor(
    [
      ...data.slice(
        0,
        shape.reduce((a, b) => a * b, 1),
      ),
    ],
    { shape, dtype: "float64" },
  );
const all = (x: Tensor) => Array.from(x.dataSync());
const none = { reduction: "none" } as const;

/** Each takes three tensors of one shape, and changes that where the loss needs another. */
const losses: Record<string, (a: Tensor, b: Tensor, t: Tensor, options?: LossOptions) => Tensor> = {
  hingeEmbeddingLoss: (a, _, t, options) => hingeEmbeddingLoss(a, t, options),
  marginRankingLoss,
  cosineEmbeddingLoss: (a, b, t, options) => cosineEmbeddingLoss(a, b, t.select(1, 0), options),
  tripletMarginLoss,
};

describe.each(Object.entries(losses))("%s", (name, loss) => {
  test.prop([numbers, numbers, signs])("is reduced to its mean, to its sum, or not at all", (a, b, t) => {
    const args = [wide(a), wide(b), wide(t)] as const;
    const each = loss(...args, none);
    expect(loss(...args).item()).toBeCloseTo(each.mean().item(), 12);
    expect(loss(...args, { reduction: "mean" }).item()).toBeCloseTo(each.mean().item(), 12);
    expect(loss(...args, { reduction: "sum" }).item()).toBeCloseTo(each.sum().item(), 12);
  });

  test.prop([numbers, numbers, signs])("stays finite for extreme inputs, gradient included", (a, b, t) => {
    const huge = (data: readonly number[]) =>
      tensor(
        data.map((x) => Math.sign(x) * 1e4),
        { shape: [2, 3], requiresGrad: true },
      );
    const [x, y] = [huge(a), huge(b)];
    const value = loss(x, y, tensor(t, { shape: [2, 3] }));
    value.backward();
    expect(Number.isFinite(value.item())).toBe(true);
    for (const { grad } of [x, y]) expect(grad === null || all(grad).every(Number.isFinite)).toBe(true);
  });

  it("refuses a reduction that does not exist", () => {
    const x = zeros([2, 3]);
    expect(() => loss(x, x, x, { reduction: "median" as Reduction })).toThrow(ThalwegError);
    expect(() => loss(x, x, x, { reduction: "median" as Reduction })).toThrow(
      `${name}: reduction must be "mean" or "sum" or "none", got "median"; call it as ${name}(`,
    );
  });
});

describe("hingeEmbeddingLoss", () => {
  it("favours small distances of similar pairs, and large ones of dissimilar pairs", () => {
    const x = tensor([0.5, 0.5, 2, 2], { requiresGrad: true });
    const each = hingeEmbeddingLoss(x, tensor([1, -1, 1, -1]), none);
    expect(all(each)).toEqual([0.5, 0.5, 2, 0]);
    each.sum().backward();
    expect(all(x.grad!)).toEqual([1, -1, 1, 0]);
    expect(hingeEmbeddingLoss(tensor([0.5]), tensor([-1]), { margin: 3 }).item()).toBe(2.5);
  });

  it("refuses shapes that differ", () => {
    expect(() => hingeEmbeddingLoss(zeros([2, 1]), zeros([2]))).toThrow(ShapeError);
    expect(() => hingeEmbeddingLoss(zeros([2, 1]), zeros([2]))).toThrow(
      "hingeEmbeddingLoss: input and target differ in shape, [2, 1] and [2]; reshape one of them",
    );
  });
});

describe("marginRankingLoss", () => {
  test.prop([numbers, numbers, signs])(
    "is unchanged when the scores are exchanged and the target negated",
    (a, b, t) => {
      const [x, y, target] = [wide(a), wide(b), wide(t)];
      const options = { margin: 0.5, ...none };
      expect(all(marginRankingLoss(x, y, target, options))).toEqual(
        all(marginRankingLoss(y, x, target.neg(), options)),
      );
    },
  );

  it("is 0 where the right score is ahead by the margin", () => {
    const [x, y] = [tensor([3, 3, 3]), tensor([1, 2.5, 4])];
    expect(all(marginRankingLoss(x, y, tensor([1, 1, 1]), { margin: 1, ...none }))).toEqual([0, 0.5, 2]);
  });

  it("refuses shapes that differ", () => {
    expect(() => marginRankingLoss(zeros([2]), zeros([1]), zeros([2]))).toThrow(
      "marginRankingLoss: x1 and x2 differ in shape, [2] and [1]",
    );
    expect(() => marginRankingLoss(zeros([2]), zeros([2]), zeros([]))).toThrow(
      "marginRankingLoss: x1 and target differ in shape, [2] and []",
    );
  });
});

describe("cosineEmbeddingLoss", () => {
  const lengths = fc.integer({ min: 1, max: 1000 }).map((n) => n / 10);

  test.prop([numbers, numbers, signs, lengths])("does not depend on lengths", (a, b, t, length) => {
    const [x, y, target] = [wide(a), wide(b), wide(t, [2])];
    const each = all(cosineEmbeddingLoss(x, y, target, none));
    all(cosineEmbeddingLoss(x.mul(length), y, target, none)).forEach((value, i) => {
      expect(value).toBeCloseTo(each[i]!, 6);
    });
  });

  it("is right for vectors whose squares would overflow when multiplied", () => {
    const x = tensor([[1e12, 0]], { requiresGrad: true });
    const loss = cosineEmbeddingLoss(x, tensor([[1e12, 1e12]]), tensor([1]));
    expect(loss.item()).toBeCloseTo(1 - Math.SQRT1_2, 6);
    loss.backward();
    expect(all(x.grad!).every(Number.isFinite)).toBe(true);
  });

  it("takes vectors without a batch, and zeros", () => {
    expect(cosineEmbeddingLoss(tensor([1, 1]), tensor([2, 2]), tensor(1)).item()).toBeCloseTo(0, 6);
    expect(
      cosineEmbeddingLoss(tensor([1, 1]), tensor([2, 2]), tensor(-1), { margin: 0.5 }).item(),
    ).toBeCloseTo(0.5, 6);
    expect(cosineEmbeddingLoss(zeros([2]), tensor([2, 2]), tensor(1)).item()).toBe(1);
  });

  it("refuses shapes that do not fit", () => {
    expect(() => cosineEmbeddingLoss(zeros([2, 3]), zeros([2, 3]), zeros([3]))).toThrow(ShapeError);
    expect(() => cosineEmbeddingLoss(zeros([2, 3]), zeros([2, 3]), zeros([3]))).toThrow(
      "cosineEmbeddingLoss: the target does not fit the vectors, [3] and [2, 3]; " +
        "use [batch, features] and [batch], or [features] and []",
    );
    expect(() => cosineEmbeddingLoss(zeros([2, 3]), zeros([3]), zeros([2]))).toThrow(
      "cosineEmbeddingLoss: x1 and x2 differ in shape, [2, 3] and [3]",
    );
  });
});

describe("tripletMarginLoss", () => {
  const order = fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY);

  test.prop([numbers, numbers, numbers, order])(
    "is not larger when positive and negative may swap",
    (a, b, c, p) => {
      const args = [wide(a), wide(b), wide(c)] as const;
      const [plain, swapped] = [false, true].map((swap) =>
        all(tripletMarginLoss(...args, { p, swap, ...none })),
      );
      swapped!.forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(plain![i]! - 1e-12);
      });
    },
  );

  it("measures along the last dimension, by the given norm", () => {
    const [anchor, positive, negative] = [zeros([1, 2]), tensor([[3, 4]]), tensor([[1, 0]])];
    const by = (p: number) => tripletMarginLoss(anchor, positive, negative, { p, margin: 0, eps: 0 }).item();
    expect([by(1), by(2), by(Number.POSITIVE_INFINITY)]).toEqual([6, 4, 3]);
    expect(tripletMarginLoss(zeros([2, 4, 3]), zeros([2, 4, 3]), zeros([2, 4, 3]), none).shape).toEqual([
      2, 4,
    ]);
  });

  it("has a gradient where points coincide", () => {
    const x = zeros([1, 2], { requiresGrad: true });
    tripletMarginLoss(x, zeros([1, 2]), zeros([1, 2])).backward();
    expect(all(x.grad!).every(Number.isFinite)).toBe(true);
  });

  it("refuses shapes that differ, or have no features", () => {
    expect(() => tripletMarginLoss(zeros([2, 3]), zeros([3]), zeros([2, 3]))).toThrow(
      "tripletMarginLoss: anchor and positive differ in shape, [2, 3] and [3]",
    );
    expect(() => tripletMarginLoss(zeros([2, 3]), zeros([2, 3]), zeros([2, 1]))).toThrow(
      "tripletMarginLoss: anchor and negative differ in shape, [2, 3] and [2, 1]",
    );
    expect(() => tripletMarginLoss(tensor(0), tensor(0), tensor(0))).toThrow(
      "tripletMarginLoss: the anchor has no features, []; use [batch, features]",
    );
  });
});
