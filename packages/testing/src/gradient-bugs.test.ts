import { grad } from "@thalweg/autograd";
import {
  allOps,
  einsum,
  Generator,
  type Op,
  pointwise,
  randn,
  samplesOf,
  type Tensor,
  tensor,
  where,
} from "@thalweg/tensor";
import { apply } from "@thalweg/tensor/internal";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { forgetOperations } from "../test/forget-operations";
import { drawFrom, drawInput, gradcheck, gradgradcheck } from "./index";

forgetOperations();

// Mistakes that other libraries have made, one for each test.

const random = (...shape: number[]) => randn(shape, { generator: new Generator(shape.length + 1) });
const leaf = (data: number[] | number[][]) => tensor(data, { requiresGrad: true });

/** Gradient of a sum, weighted so that every element of the result counts differently. */
function gradientOf(f: (x: Tensor) => Tensor, x: Tensor): Tensor {
  const y = f(x);
  const weights = tensor(
    Array.from({ length: y.size }, (_, i) => i + 1),
    { shape: y.shape },
  );
  return grad(y, x, { gradOutputs: weights });
}

describe("a product of batches of matrices", () => {
  it.each([
    [
      [2, 3, 4],
      [4, 5],
    ],
    [
      [3, 4],
      [2, 4, 5],
    ],
    [
      [2, 1, 3, 4],
      [5, 4, 2],
    ],
    [
      [1, 3, 4],
      [2, 4, 2],
    ],
    [[2, 3, 4], [4]],
    [[4], [2, 4, 3]],
  ])("gives gradients in the shapes of its sides: %j and %j", (a, b) => {
    const [x, y] = [random(...a), random(...b)];
    for (const side of [x, y]) side.requiresGrad = true;
    const [dx, dy] = grad(x.matmul(y).sum(), [x, y]);
    expect([dx!.shape, dy!.shape]).toEqual([a, b]);
    gradcheck((p, q) => p.matmul(q), [x, y]);
  });

  it("never holds all products of its elements at once", () => {
    const [m, k, n] = [24, 20, 28];
    const [x, y] = [random(m, k), random(k, n)];
    for (const side of [x, y]) side.requiresGrad = true;
    const { backend } = x.storage;
    const allocate = vi.spyOn(backend, "allocate");
    const upload = vi.spyOn(backend, "upload");
    try {
      x.matmul(y).sum().backward();
      const sizes = [...allocate.mock.results, ...upload.mock.results].map(
        ({ value }) => (value as { size: number }).size,
      );
      expect(sizes.length).toBeGreaterThan(0);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.max(m * k, k * n, m * n));
    } finally {
      allocate.mockRestore();
      upload.mockRestore();
    }
    expect(x.grad!.shape).toEqual([m, k]);
  });
});

describe("the largest along a dimension", () => {
  it.each([0, 1, 2])("of a tensor of three dimensions gives a gradient in its shape: dimension %d", (dim) => {
    for (const keepDim of [false, true]) {
      const x = random(2, 3, 4);
      x.requiresGrad = true;
      expect(gradientOf((y) => y.max(dim, { keepDim }), x).shape).toEqual([2, 3, 4]);
      gradcheck((y) => y.max(dim, { keepDim }), [x]);
      gradcheck((y) => y.min(dim, { keepDim }), [x]);
      gradcheck((y) => y.amax(dim, { keepDim }), [x]);
    }
  });

  it("that occurs several times gets the gradient once in total", () => {
    const ties = () =>
      leaf([
        [5, 1, 5],
        [2, 2, 2],
      ]);
    // max along a dimension chooses the first; amax, and max of everything, divide it evenly.
    expect(gradientOf((x) => x.max(1), ties()).toArray()).toEqual([
      [1, 0, 0],
      [2, 0, 0],
    ]);
    expect(gradientOf((x) => x.amax(1), ties()).toArray()).toEqual([
      [0.5, 0, 0.5],
      [2 / 3, 2 / 3, 2 / 3].map(Math.fround),
    ]);
    expect(gradientOf((x) => x.max(), ties()).toArray()).toEqual([
      [0.5, 0, 0.5],
      [0, 0, 0],
    ]);
    expect(
      gradientOf((x) => x.maximum(5), ties())
        .select(0, 0)
        .toArray(),
    ).toEqual([0.5, 0, 1.5]);
  });
});

describe("a power", () => {
  it("has a gradient at base 0", () => {
    const at0 = (exponent: number) => gradientOf((x) => x.pow(exponent), leaf([0])).item();
    expect([0, 1, 2, 3, 2.5].map(at0)).toEqual([0, 1, 0, 0, 0]);
    expect([0.5, -1].map(at0)).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    const exponent = tensor([2], { requiresGrad: true });
    expect(gradientOf((p) => tensor([0]).pow(p), exponent).item()).toBe(0);
  });

  it("has a gradient at a negative base with a whole exponent", () => {
    const at = (exponent: number) => gradientOf((x) => x.pow(exponent), leaf([-2])).item();
    expect([1, 2, 3, 4, -1].map(at)).toEqual([1, -4, 12, -32, -0.25]);
    const both = (exponent: number) => gradientOf((x) => x.pow(tensor([exponent])), leaf([-2])).item();
    expect([1, 2, 3, 4].map(both)).toEqual([1, -4, 12, -32]);
    gradcheck((x) => x.pow(3), [tensor([-2, -0.5, 0.5])]);
  });
});

describe("picking elements", () => {
  it("gives elements that were picked several times the sum of their gradients", () => {
    const x = leaf([1, 2, 3]);
    expect(gradientOf((y) => y.gather(0, tensor([2, 2, 0, 2])), x).toArray()).toEqual([3, 0, 1 + 2 + 4]);
    expect(gradientOf((y) => y.indexSelect(0, tensor([1, 1])), x).toArray()).toEqual([0, 3, 0]);
  });

  it("works in each row of a batch separately", () => {
    const index = tensor([
      [
        [1, 1],
        [0, 2],
      ],
      [
        [2, 0],
        [2, 2],
      ],
    ]);
    const x = random(2, 2, 3);
    x.requiresGrad = true;
    expect(gradientOf((y) => y.gather(2, index), x).toArray()).toEqual([
      [
        [0, 3, 0],
        [3, 0, 4],
      ],
      [
        [6, 0, 5],
        [0, 0, 15],
      ],
    ]);
    gradcheck((y) => y.gather(2, index), [x]);
    gradcheck((y) => y.gather(1, tensor([[[1, 0, 1]], [[0, 0, 1]]])), [x]);
    const weight = random(3, 2);
    weight.requiresGrad = true;
    expect(
      gradientOf(
        (w) =>
          tensor([
            [0, 2],
            [2, 2],
          ]).embedding(w),
        weight,
      ).toArray(),
    ).toEqual([
      [1, 2],
      [0, 0],
      [3 + 5 + 7, 4 + 6 + 8],
    ]);
  });
});

describe("a normalisation", () => {
  const normalise = (x: Tensor) => {
    const centred = x.sub(x.mean(0, { keepDim: true }));
    return centred.div(centred.square().mean(0, { keepDim: true }).add(1e-5).sqrt());
  };

  it("uses the incoming gradient, and not one of its own", () => {
    const x = random(4, 3);
    x.requiresGrad = true;
    // The sum of the result does not depend on x, a weighted sum does.
    expect(grad(normalise(x).sum(), x).abs().max().item()).toBeLessThan(1e-5);
    const weighted = gradientOf(normalise, x);
    expect(weighted.abs().max().item()).toBeGreaterThan(0.1);
    expect(
      gradientOf((y) => normalise(y).mul(2), x)
        .sub(weighted.mul(2))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-4);
    gradcheck((y, w) => normalise(y).mul(w).tanh(), [x, random(4, 3)]);
    gradgradcheck(normalise, [
      tensor([
        [1, 2],
        [3, -1],
        [0, 0.5],
      ]),
    ]);
  });
});

describe("a product of elements", () => {
  it.each([
    ["no zeros", [2, 3, 4], [12, 8, 6]],
    ["one zero", [2, 0, 4], [0, 8, 0]],
    ["two zeros", [0, 3, 0], [0, 0, 0]],
    ["only zeros", [0, 0, 0], [0, 0, 0]],
  ])("has a gradient with %s", (_, data, expected) => {
    expect(gradientOf((x) => x.prod(), leaf(data)).toArray()).toEqual(expected);
    gradcheck((x) => x.prod(), [tensor(data)]);
    gradgradcheck((x) => x.prod(), [tensor(data)]);
    gradcheck((x) => x.cumprod(0), [tensor(data)]);
  });

  it("has one along a dimension, too", () => {
    const x = tensor([
      [1, 0, 2],
      [0, 0, 3],
    ]);
    gradcheck((y) => y.prod(1), [x]);
    gradgradcheck((y) => y.prod(0), [x]);
    for (const dims of [0, 1, 2, [0, 2], [0, 1]]) gradcheck((y) => y.prod(dims), [random(2, 3, 2)]);
  });
});

describe("einsum", () => {
  it.each([
    [
      "ij,jk->ik",
      [
        [2, 3],
        [3, 4],
      ],
    ],
    [
      "bij,bjk->bik",
      [
        [2, 3, 2],
        [2, 2, 3],
      ],
    ],
    ["ii->i", [[3, 3]]],
    ["ii", [[3, 3]]],
    ["i,j->ij", [[2], [3]]],
    ["...ij->...ji", [[2, 3, 2]]],
    ["ij,ij,j->i", [[2, 3], [2, 3], [3]]],
    ["ij->", [[2, 3]]],
  ])("%s has a gradient, and one of that", (equation, shapes) => {
    const inputs = shapes.map((shape) => random(...shape));
    gradcheck((...xs) => einsum(equation, ...xs), inputs);
    gradgradcheck((...xs) => einsum(equation, ...xs), inputs);
  });
});

describe("kinks and choices", () => {
  it("of abs and relu have gradient 0", () => {
    expect(gradientOf((x) => x.abs(), leaf([-2, 0, 3])).toArray()).toEqual([-1, 0, 3]);
    expect(gradientOf((x) => x.relu(), leaf([-2, 0, 3])).toArray()).toEqual([0, 0, 3]);
  });

  it("send the gradient to the side that was chosen", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    const [da, db] = grad(where(tensor([1, 0]), a, b).sum(), [a, b]);
    expect([da!.toArray(), db!.toArray()]).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it("within one expression pass no NaN from the side that was not chosen", () => {
    const root = pointwise("rootAboveOne", (x) => x.gt(1).choose(x.sqrt(), x.mul(5)));
    expect(gradientOf(root, leaf([0, 4])).toArray()).toEqual([5, 0.5]);
  });

  it("between tensors have to be guarded twice, as in PyTorch: both sides are computed", () => {
    const x = leaf([0, 4]);
    expect(gradientOf((y) => where(y.gt(1), y.sqrt(), y.mul(5)), x).toArray()).toEqual([Number.NaN, 0.5]);
    const guarded = (y: Tensor) => where(y.gt(1), where(y.gt(1), y, 1).sqrt(), y.mul(5));
    expect(gradientOf(guarded, x).toArray()).toEqual([5, 0.5]);
  });
});

describe("second derivatives", () => {
  const cases: readonly (readonly [string, (x: Tensor) => Tensor, (x: number) => number])[] = [
    ["tanh", (x) => x.tanh(), (x) => -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2)],
    ["exp", (x) => x.exp(), Math.exp],
    [
      "sigmoid",
      (x) => x.sigmoid(),
      (x) => {
        const s = 1 / (1 + Math.exp(-x));
        return s * (1 - s) * (1 - 2 * s);
      },
    ],
  ];

  it.each(cases)("exist through %s", (_, f, second) => {
    const data = [-1.5, 0, 0.3, 2];
    const x = tensor(data, { dtype: "float64", requiresGrad: true });
    const first = grad(f(x).sum(), x, { createGraph: true });
    grad(first.sum(), x)
      .dataSync()
      .forEach((value, i) => {
        expect(value).toBeCloseTo(second(data[i]!), 10);
      });
    gradgradcheck(f, [x]);
  });
});

describe("inputs that are expanded without copies", () => {
  it("have the sum of the gradients of all their repetitions", () => {
    const x = leaf([[1], [2]]);
    const wide = x.expand([2, 3]);
    expect(wide.strides).toEqual([1, 0]);
    expect(gradientOf((y) => y.expand([2, 3]).square(), x).toArray()).toEqual([[2 * 6], [4 * 15]]);
    gradcheck(
      (y) =>
        y
          .expand([2, 3])
          .softmax(1)
          .mul(y.expand([4, 2, 3]).exp()),
      [x],
    );
    gradcheck((y) => y.expand([2, 3]).matmul(y.expand([2, 3]).transpose(0, 1)), [x]);
    gradcheck((y) => y.expand([2, 3]).reshape([6]).cumsum(0), [x]);
  });

  it("as a seed do not count as one element", () => {
    const x = leaf([1, 2, 3]);
    x.square().backward(tensor([2]).expand([3]));
    expect(x.grad!.toArray()).toEqual([4, 8, 12]);
  });
});

describe("a mean over an empty dimension", () => {
  it("is NaN, with an empty gradient of the right shape", () => {
    const x = tensor([[], []], { requiresGrad: true });
    const mean = x.mean(1);
    expect(mean.toArray()).toEqual([Number.NaN, Number.NaN]);
    mean.sum().backward();
    expect(x.grad!.shape).toEqual([2, 0]);
  });
});

describe("every operation", () => {
  const differentiable = allOps().filter((op) => op.differentiable);

  it("that can be run can be differentiated, in both types", () => {
    const check = (op: Op, g: fc.GeneratorValue) => {
      const { inputs, attrs } = samplesOf(op).sample(drawFrom(g));
      for (const dtype of ["float32", "float64"] as const) {
        const leaves = inputs.map((input) => drawInput(g, input).to(dtype).detach());
        leaves.forEach((x, i) => {
          x.requiresGrad = inputs[i]!.domain?.whole !== true;
        });
        const y = apply(op, [...leaves], attrs);
        if (y.requiresGrad) y.backward(y.detach().mul(0).add(1), { createGraph: true });
        for (const x of leaves) expect((x.grad ?? x).shape).toEqual(x.shape);
      }
    };
    expect(differentiable.length).toBeGreaterThan(80);
    for (const op of differentiable) {
      fc.assert(
        fc.property(fc.gen(), (g) => check(op, g)),
        { numRuns: 3 },
      );
    }
  });
});
