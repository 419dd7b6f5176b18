import { fc, test } from "@fast-check/vitest";
import { ShapeError, type Tensor, ThalwegError, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { crossEntropy, gaussianNllLoss, klDiv, poissonNllLoss, type Reduction } from "./index";

const numbers = (size: number, min = -3000, max = 3000) =>
  fc.array(
    fc.integer({ min, max }).map((n) => n / 1000),
    { minLength: size, maxLength: size },
  );
const wide = (data: readonly number[], shape = [2, 3]) => tensor([...data], { shape, dtype: "float64" });
const all = (x: Tensor) => Array.from(x.dataSync());

function expectClose(a: Tensor, b: Tensor, tolerance = 1e-12): void {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = [all(a), all(b)];
  x.forEach((value, i) => {
    expect(Math.abs(value - y[i]!)).toBeLessThan(tolerance * (1 + Math.abs(y[i]!)));
  });
}

/** Checks that the value of a loss and its gradients are finite. */
function expectFinite(loss: (...inputs: Tensor[]) => Tensor, ...data: number[][]): void {
  const inputs = data.map((x) => tensor(x, { requiresGrad: true }));
  const value = loss(...inputs);
  value.sum().backward();
  for (const x of [value, ...inputs.map((input) => input.grad!)]) {
    expect(all(x).every(Number.isFinite), String(x)).toBe(true);
  }
}

const none = { reduction: "none" } as const;
const losses = {
  klDiv,
  poissonNllLoss,
  gaussianNllLoss: (x: Tensor, t: Tensor, options?: { reduction?: Reduction }) =>
    gaussianNllLoss(x, t, zeros(x.shape, { dtype: x.dtype }).add(2), options),
};

describe.each(Object.entries(losses))("%s", (name, loss) => {
  test.prop([numbers(6), numbers(6, 1, 3000)])(
    "is reduced to its mean, to its sum, or not at all",
    (a, b) => {
      const [x, y] = [wide(a), wide(b)];
      const each = loss(x, y, none);
      expect(each.shape).toEqual([2, 3]);
      expectClose(loss(x, y), each.mean());
      expectClose(loss(x, y, { reduction: "mean" }), each.mean());
      expectClose(loss(x, y, { reduction: "sum" }), each.sum());
    },
  );

  it("refuses shapes that differ, even where they would broadcast, and unknown reductions", () => {
    expect(() => loss(zeros([4, 1]), zeros([4]))).toThrow(ShapeError);
    expect(() => loss(zeros([4, 1]), zeros([4]))).toThrow(
      `${name}: input and target differ in shape, [4, 1] and [4]; reshape one of them, or expand it`,
    );
    const wrong = { reduction: "median" as Reduction };
    expect(() => loss(zeros([2]), zeros([2]), wrong)).toThrow(ThalwegError);
    expect(() => loss(zeros([2]), zeros([2]), wrong)).toThrow(
      `${name}: reduction must be "mean" or "sum" or "none"`,
    );
  });
});

describe("klDiv", () => {
  test.prop([numbers(6), numbers(6)])("is cross-entropy without the entropy of the target", (a, b) => {
    const [logits, target] = [wide(a), wide(b).softmax(1)];
    const entropy = target.mul(target.log()).sum().div(2);
    const divergence = klDiv(logits.logSoftmax(1), target, { reduction: "batchmean" });
    expectClose(divergence, crossEntropy(logits, target).add(entropy), 1e-10);
    expect(divergence.item()).toBeGreaterThan(-1e-12);
  });

  test.prop([numbers(6), numbers(6)])("is the same for a target and for its logarithms", (a, b) => {
    const [input, target] = [wide(a).logSoftmax(1), wide(b).softmax(1)];
    for (const reduction of ["mean", "sum", "none", "batchmean"] as const) {
      const ofLogs = klDiv(input, target.log(), { reduction, logTarget: true });
      expectClose(ofLogs, klDiv(input, target, { reduction }));
    }
  });

  it("divides by the extent of the first dimension, or of none", () => {
    const [x, y] = [zeros([4, 3]), zeros([4, 3]).add(0.5)];
    const sum = klDiv(x, y, { reduction: "sum" }).item();
    expect(klDiv(x, y, { reduction: "batchmean" }).item()).toBeCloseTo(sum / 4, 6);
    expect(klDiv(tensor(0), tensor(0.5), { reduction: "batchmean" }).item()).toBe(
      klDiv(tensor(0), tensor(0.5), { reduction: "sum" }).item(),
    );
  });

  it("is finite where both are impossible, and for extreme logarithms", () => {
    const never = Number.NEGATIVE_INFINITY;
    const x = tensor([never, 0], { requiresGrad: true });
    const loss = klDiv(x, tensor([0, 1]), none);
    expect(all(loss).map((v) => v + 0)).toEqual([0, 0]);
    loss.sum().backward();
    expect(all(x.grad!).map((v) => v + 0)).toEqual([0, -1]);
    expect(all(klDiv(tensor([never, 0]), tensor([never, 0]), { ...none, logTarget: true }))).toEqual([0, 0]);
    expectFinite((x, y) => klDiv(x, y, none), [-1e4, -1e4, 0], [0, 1, 0.5]);
    expectFinite((x, y) => klDiv(x, y, { ...none, logTarget: true }), [-1e4, -1e4, 0], [0, -1e4, -1e4]);
  });

  it("refuses a reduction that does not exist", () => {
    expect(() => klDiv(zeros([2]), zeros([2]), { reduction: "batch" as "mean" })).toThrow(
      'klDiv: reduction must be "mean" or "sum" or "none" or "batchmean", got "batch"; call it as klDiv(',
    );
  });
});

describe("poissonNllLoss", () => {
  test.prop([numbers(6), numbers(6, 0, 5000)])("is the same for rates and for their logarithms", (a, b) => {
    const [x, y] = [wide(a), wide(b)];
    for (const full of [false, true]) {
      expectClose(
        poissonNllLoss(x.exp(), y, { logInput: false, eps: 0, full, ...none }),
        poissonNllLoss(x, y, { full, ...none }),
        1e-10,
      );
    }
  });

  it("adds about log(n!) with full, for targets above 1", () => {
    const t = tensor([0, 1, 5]);
    const [some, full] = [
      poissonNllLoss(zeros([3]), t, none),
      poissonNllLoss(zeros([3]), t, { ...none, full: true }),
    ];
    const added = all(full.sub(some));
    expect(added.slice(0, 2)).toEqual([0, 0]);
    expect(added[2]).toBeCloseTo(Math.log(120), 1);
  });

  it("stays finite far below, and at rates of 0", () => {
    expectFinite(
      (x, t) => poissonNllLoss(x, t, { ...none, full: true }),
      [-1e4, -1e4, 0, 50],
      [0, 1e4, 1e4, 0],
    );
    expectFinite((x, t) => poissonNllLoss(x, t, { ...none, logInput: false }), [0, 0, 1e4], [0, 3, 1e4]);
  });
});

describe("gaussianNllLoss", () => {
  test.prop([numbers(6), numbers(6), numbers(2, 100, 3000)])(
    "takes one variance for a row as if it were repeated",
    (a, b, v) => {
      const [x, y] = [wide(a), wide(b)];
      const lines = wide(v, [2]);
      const each = lines.unsqueeze(1).expand([2, 3]);
      expectClose(gaussianNllLoss(x, y, lines, none), gaussianNllLoss(x, y, each, none));
      expectClose(gaussianNllLoss(x, y, lines.unsqueeze(1), none), gaussianNllLoss(x, y, each, none));
    },
  );

  test.prop([numbers(6), numbers(6), numbers(6, 100, 3000)])(
    "is minus the logarithm of the density",
    (a, b, v) => {
      const density = a.map(
        (x, i) => Math.exp(-((x - b[i]!) ** 2) / (2 * v[i]!)) / Math.sqrt(2 * Math.PI * v[i]!),
      );
      const loss = gaussianNllLoss(wide(a), wide(b), wide(v), { full: true, ...none });
      all(loss).forEach((value, i) => {
        expect(value).toBeCloseTo(-Math.log(density[i]!), 8);
      });
    },
  );

  it("raises small variances to the least one, in the gradient too", () => {
    const variance = tensor([0.25, 0.5], { requiresGrad: true });
    const loss = gaussianNllLoss(tensor([1, 1]), tensor([0, 0]), variance, { eps: 0.5, ...none });
    expect(all(loss)[0]).toBe(all(loss)[1]);
    loss.sum().backward();
    expect(all(variance.grad!)).toEqual([-1, -1]);
  });

  it("stays finite for extreme inputs and variances", () => {
    expectFinite(
      (x, t, v) => gaussianNllLoss(x, t, v, none),
      [1e4, -1e4, 1e4, 0],
      [-1e4, 1e4, 1e4, 0],
      [1, 1e8, 0, 0],
    );
  });

  it("refuses variances that do not fit", () => {
    expect(() => gaussianNllLoss(zeros([2, 3]), zeros([2, 3]), zeros([3]))).toThrow(
      "gaussianNllLoss: the variance does not fit the input, [3] and [2, 3]; " +
        "give one for each element, or one for each row along the last dimension",
    );
    expect(() => gaussianNllLoss(zeros([2]), zeros([2]), tensor([1, -0.5]))).toThrow(
      "gaussianNllLoss: a variance is -0.5; it must not be negative",
    );
    expect(() => gaussianNllLoss(zeros([2]), zeros([2]), zeros([2]), { eps: 0 })).toThrow(
      "gaussianNllLoss: eps must be a number above 0, got 0; call it as gaussianNllLoss(",
    );
    expect(gaussianNllLoss(zeros([0]), zeros([0]), zeros([0]), { reduction: "sum" }).item()).toBe(0);
    expect(gaussianNllLoss(tensor(1), tensor(1), tensor(1)).item()).toBe(0);
  });
});
