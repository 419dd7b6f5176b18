import { fc, test } from "@fast-check/vitest";
import { full, IndexError, logSoftmax, ShapeError, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { crossEntropy, nllLoss } from "./index";

const classes = 4;
const batch = fc
  .integer({ min: 1, max: 5 })
  .chain((n) =>
    fc.record({
      logits: fc.array(
        fc.integer({ min: -5000, max: 5000 }).map((v) => v / 1000),
        {
          minLength: n * classes,
          maxLength: n * classes,
        },
      ),
      labels: fc.array(fc.nat({ max: classes - 1 }), { minLength: n, maxLength: n }),
    }),
  )
  .map(({ logits, labels }) => ({
    x: tensor(logits, { shape: [labels.length, classes], dtype: "float64", requiresGrad: true }),
    labels: tensor(labels, { dtype: "float64" }),
  }));
const all = (x: Tensor) => Array.from(x.dataSync());

function expectClose(a: Tensor, b: Tensor, tolerance = 1e-12): void {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = [all(a), all(b)];
  x.forEach((value, i) => {
    expect(Math.abs(value - y[i]!)).toBeLessThan(tolerance * (1 + Math.abs(y[i]!)));
  });
}

describe("cross-entropy", () => {
  test.prop([batch])("is the negative log-likelihood of the softmax", ({ x, labels }) => {
    for (const reduction of ["mean", "sum", "none"] as const) {
      expectClose(crossEntropy(x, labels, { reduction }), nllLoss(logSoftmax(x, 1), labels, { reduction }));
    }
  });

  test.prop([batch])("is the same for class indices and for certain probabilities", ({ x, labels }) => {
    for (const reduction of ["mean", "sum", "none"] as const) {
      expectClose(
        crossEntropy(x, labels.oneHot(classes), { reduction }),
        crossEntropy(x, labels, { reduction }),
      );
    }
  });

  test.prop([batch])("has the gradient (softmax(x) - target)/n", ({ x, labels }) => {
    crossEntropy(x, labels).backward();
    expectClose(x.grad!, x.detach().softmax(1).sub(labels.oneHot(classes)).div(labels.size));
  });

  test.prop([batch, fc.integer({ min: -50, max: 50 })])(
    "is unchanged when all logits are shifted",
    ({ x, labels }, by) => {
      expectClose(crossEntropy(x.add(by), labels), crossEntropy(x, labels), 1e-10);
    },
  );

  test.prop([batch, fc.integer({ min: 0, max: 10 }).map((n) => n / 10)])(
    "smooths class indices as it does their probabilities",
    ({ x, labels }, labelSmoothing) => {
      const smoothed = labels
        .oneHot(classes)
        .mul(1 - labelSmoothing)
        .add(labelSmoothing / classes);
      expectClose(crossEntropy(x, labels, { labelSmoothing }), crossEntropy(x, smoothed), 1e-11);
      expectClose(
        crossEntropy(x, labels.oneHot(classes), { labelSmoothing }),
        crossEntropy(x, labels, { labelSmoothing }),
        1e-11,
      );
    },
  );

  it("of equal logits is the logarithm of the number of classes", () => {
    expect(crossEntropy(zeros([3, 8]), tensor([0, 3, 7])).item()).toBeCloseTo(Math.log(8), 6);
  });

  it("of extreme logits is finite, gradient included", () => {
    const x = tensor(
      [
        [1e4, -1e4, 0],
        [1e4, -1e4, 0],
      ],
      { requiresGrad: true },
    );
    const each = crossEntropy(x, tensor([0, 1]), { reduction: "none" });
    expect(all(each).map((v) => v + 0)).toEqual([0, 2e4]);
    each.sum().backward();
    expect(all(x.grad!).map((g) => g + 0)).toEqual([0, 0, 0, 1, -1, 0]);
  });

  it("is not NaN because another class is impossible", () => {
    const x = tensor([[Number.NEGATIVE_INFINITY, 0, 0]], { requiresGrad: true });
    crossEntropy(x, tensor([1])).backward();
    expect(all(x.grad!).map((g) => g + 0)).toEqual([0, -0.5, 0.5]);
  });

  it("takes one example without a batch, and positions beyond the classes", () => {
    const x = tensor([1, 2, 3]);
    expect(crossEntropy(x, tensor(2)).shape).toEqual([]);
    expect(crossEntropy(x, tensor(2)).item()).toBe(crossEntropy(x.unsqueeze(0), tensor([2])).item());
    const image = full([2, 3, 4, 5], 0.5);
    const each = crossEntropy(image, zeros([2, 4, 5]), { reduction: "none" });
    expect(each.shape).toEqual([2, 4, 5]);
  });
});

describe("ignored targets", () => {
  const x = () =>
    tensor(
      [
        [1, 2, 3],
        [3, 2, 1],
        [0, 0, 0],
      ],
      { requiresGrad: true },
    );

  it.each([
    ["crossEntropy", crossEntropy],
    ["nllLoss", nllLoss],
  ])("count for nothing in %s, neither in the sum nor in the divisor", (_, loss) => {
    const [some, two] = [x(), x()];
    const mean = loss(some, tensor([2, -100, 0]));
    expect(mean.item()).toBe(loss(two.indexSelect(0, tensor([0, 2])), tensor([2, 0])).item());
    mean.backward();
    expect(some.grad!.select(0, 1).toArray()).toEqual([0, 0, 0]);
    expect(all(loss(x(), tensor([2, 1, 0]), { ignoreIndex: 1, reduction: "none" }))[1]).toBe(0);
  });

  it("without any others leave a mean of NaN, a sum of 0, and no gradient", () => {
    const none = tensor([-100, -100, -100]);
    const [a, b] = [x(), x()];
    const mean = crossEntropy(a, none);
    expect(mean.item()).toBeNaN();
    mean.backward();
    expect(all(a.grad!).map((g) => g + 0)).toEqual(Array(9).fill(0));
    const sum = crossEntropy(b, none, { reduction: "sum" });
    expect(sum.item()).toBe(0);
    sum.backward();
    expect(all(b.grad!).map((g) => g + 0)).toEqual(Array(9).fill(0));
  });
});

describe("class weights", () => {
  const weight = tensor([1, 2, 5]);
  const x = tensor([
    [1, 2, 3],
    [3, 2, 1],
    [0, 1, 0],
  ]);
  const labels = tensor([2, 0, 1]);

  it("multiply each loss, and the mean divides by their sum", () => {
    const each = all(crossEntropy(x, labels, { reduction: "none" }));
    const weighted = all(crossEntropy(x, labels, { reduction: "none", weight }));
    const factors = [5, 1, 2];
    weighted.forEach((value, i) => {
      expect(value).toBeCloseTo(each[i]! * factors[i]!, 5);
    });
    const mean = weighted.reduce((a, b) => a + b) / 8;
    expect(crossEntropy(x, labels, { weight }).item()).toBeCloseTo(mean, 5);
  });

  it("do not enter the divisor for probabilities, as in PyTorch", () => {
    const sum = crossEntropy(x, labels.oneHot(3), { weight, reduction: "sum" }).item();
    expect(crossEntropy(x, labels.oneHot(3), { weight }).item()).toBeCloseTo(sum / 3, 5);
  });

  it("leave ignored targets without weight", () => {
    const some = crossEntropy(x, tensor([2, -100, 1]), { weight });
    const two = crossEntropy(x.indexSelect(0, tensor([0, 2])), tensor([2, 1]), { weight });
    expect(some.item()).toBe(two.item());
  });
});

describe("losses of classes refuse", () => {
  const refuses = (call: () => unknown, kind: typeof ShapeError, message: string) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  };

  it("a target of another shape", () => {
    refuses(
      () => crossEntropy(zeros([4, 3]), zeros([3])),
      ShapeError,
      "crossEntropy: the target does not fit the input, [3] and [4, 3]; class indices have shape [4]",
    );
    refuses(
      () => nllLoss(zeros([4, 3, 2]), zeros([4])),
      ShapeError,
      "nllLoss: the target does not fit the input, [4] and [4, 3, 2]; class indices have shape [4, 2]",
    );
  });

  it("an input without classes", () => {
    refuses(
      () => crossEntropy(zeros([]), zeros([])),
      ShapeError,
      "crossEntropy: the input has no dimension for the classes, []; use [classes] or [batch, classes, ...]",
    );
  });

  it("a weight for other classes", () => {
    refuses(
      () => crossEntropy(zeros([4, 3]), zeros([4]), { weight: zeros([2]) }),
      ShapeError,
      "crossEntropy: the weight does not fit the input, [2] and [4, 3]; give one weight for each of 3 classes, [3]",
    );
  });

  it("a target that is not a class", () => {
    for (const label of [3, -1, 0.5]) {
      refuses(
        () => crossEntropy(zeros([1, 3]), tensor([label])),
        IndexError,
        `index ${label} is not one of the 3 positions`,
      );
    }
  });

  it("a share of smoothing above 1", () => {
    expect(() => crossEntropy(zeros([1, 3]), zeros([1]), { labelSmoothing: 1.5 })).toThrow(
      "crossEntropy: labelSmoothing must be a number from 0 to 1, got 1.5; call it as crossEntropy(input, target, { ",
    );
  });
});
