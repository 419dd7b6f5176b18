import { grad, valueAndGrad } from "@thalweg/autograd";
import {
  avgPool1d,
  bernoulli,
  cat,
  celu,
  einsum,
  hardtanh,
  lerp,
  maxPool1d,
  maxPool2d,
  ones,
  onesLike,
  scaledDotProductAttention,
  type Tensor,
  tensor,
  zeros,
  zerosLike,
} from "@thalweg/tensor";
import { describe, expect, it } from "vitest";

const { NaN, POSITIVE_INFINITY: above, NEGATIVE_INFINITY: below } = Number;

/** The gradient of the sum of f(x) with respect to x. */
function gradientOf(f: (x: Tensor) => Tensor, data: Parameters<typeof tensor>[0]): unknown {
  const x = tensor(data, { requiresGrad: true });
  return grad(f(x).sum(), x).toArray();
}

describe("NaN", () => {
  it("in a bound of clamp propagates, and gets no gradient", () => {
    const [x, min, max] = [tensor([1, NaN, 5, 5, 0]), tensor([NaN, 0, 0, 0, 0]), tensor([2, 1, NaN, 1, 1])];
    expect(x.clamp(min, max).toArray()).toEqual([NaN, NaN, NaN, 1, 0]);
    expect(x.clamp(min).toArray()).toEqual([NaN, NaN, 5, 5, 0]);
    expect(x.clamp(null, max).toArray()).toEqual([1, NaN, NaN, 1, 0]);
    expect(tensor([1, 2]).clamp(NaN, 5).toArray()).toEqual([NaN, NaN]);
    expect(tensor([1, 2]).clamp_(0, NaN).toArray()).toEqual([NaN, NaN]);
    expect(gradientOf((y) => y.clamp(min, max), [1, NaN, 5, 5, 0])).toEqual([0, 0, 0, 0, 1]);
    expect(gradientOf((y) => tensor([-1, 1, 1, 5, 5]).clamp(y, 3), [0, 0, NaN, 4, 3])).toEqual([
      1, 0, 0, 0, 0,
    ]);
  });

  it.each<[string, (x: Tensor) => Tensor]>([
    ["max", (x) => x.max()],
    ["min", (x) => x.min()],
    ["amax", (x) => x.amax()],
    ["amin", (x) => x.amin(0)],
  ])("takes the gradient of %s, and shares it with others", (_, f) => {
    expect(gradientOf(f, [1, NaN, 2, NaN])).toEqual([0, 0.5, 0, 0.5]);
    expect(gradientOf(f, [3, 3, 3, 3])).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it("takes the gradient of max-pooling, the last one in each window", () => {
    expect(gradientOf((x) => maxPool1d(x, 3), [[1, NaN, 2, NaN, 7, NaN]])).toEqual([[0, 1, 0, 0, 0, 1]]);
    expect(gradientOf((x) => maxPool1d(x, 3, { stride: 1 }), [[1, NaN, 2, 5, 7]])).toEqual([[0, 2, 0, 0, 1]]);
    const image = [
      [NaN, 1, 2],
      [NaN, 2, 3],
      [1, 1, 1],
    ];
    expect(gradientOf((x) => maxPool2d(x, 2, { stride: 1 }), [image])).toEqual([
      [
        [0, 0, 0],
        [2, 0, 2],
        [0, 0, 0],
      ],
    ]);
    expect(gradientOf((x) => maxPool1d(x, 12), [[...image.flat(), 1, 2, 3]])).toEqual([
      [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]);
  });
});

describe("a window that is -Infinity throughout", () => {
  const all = (count: number) => new Array<number>(count).fill(below);

  it.each([
    [3, { stride: 3, padding: 1 }, 5, [1, 0, 1, 0, 0]],
    [3, { stride: 1, padding: 1, dilation: 2 }, 5, [1, 2, 0, 0, 0]],
    [12, { stride: 4, padding: 6 }, 12, [2, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]],
  ])(
    "gives the gradient of max-pooling over %s to its first element, not to the padding: %o",
    (size, options, count, expected) => {
      expect(gradientOf((x) => maxPool1d(x, size, options), [all(count)])).toEqual([expected]);
    },
  );

  it("does so in two dimensions", () => {
    const image = Array.from({ length: 4 }, () => all(4));
    const f = (x: Tensor) => maxPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true });
    const row = [1, 1, 0, 1];
    expect(gradientOf(f, [image])).toEqual([[row, row, [0, 0, 0, 0], row]]);
  });

  it("leaves second derivatives where the first ones are", () => {
    const x = tensor([all(5)], { requiresGrad: true });
    const weight = tensor([[2, 3]], { requiresGrad: true });
    const g = grad(maxPool1d(x, 3, { stride: 3, padding: 1 }).mul(weight).sum(), x, { createGraph: true });
    expect(grad(g.mul(tensor([[1, 10, 100, 1000, 10000]])).sum(), weight).toArray()).toEqual([[1, 100]]);
  });
});

describe("norm", () => {
  it.each([0.3, 0.5, 1.5, 3])("of order %s has the gradient 0 at zeros", (p) => {
    expect(gradientOf((x) => x.norm(undefined, { p }), [0, 3])).toEqual([0, expect.closeTo(1, 5)]);
    expect(gradientOf((x) => x.norm(undefined, { p }), [0, 0])).toEqual([0, 0]);
  });

  it("of a negative order is 0 where an element is", () => {
    expect(tensor([0, 3]).norm(undefined, { p: -1 }).item()).toBe(0);
    expect(gradientOf((x) => x.norm(undefined, { p: -1 }), [0, 3])).toEqual([0, 0]);
    expect(tensor([2, 2]).norm(undefined, { p: -1 }).item()).toBe(1);
  });
});

describe("attention with a bias", () => {
  const bias = tensor([
    [below, below],
    [0, below],
  ]);
  const [q, k, v] = [
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 0],
      [0, 1],
    ],
    [
      [5, 6],
      [7, 8],
    ],
  ];

  it("gives zeros where everything is -Infinity, and no NaN to gradients", () => {
    expect(scaledDotProductAttention(tensor(q!), tensor(k!), tensor(v!), { bias }).toArray()).toEqual([
      [0, 0],
      [5, 6],
    ]);
    const inputs = [q!, k!, v!].map((x) => tensor(x, { requiresGrad: true })) as [Tensor, Tensor, Tensor];
    const learned = tensor(
      [
        [below, below],
        [0, 1],
      ],
      { requiresGrad: true },
    );
    const y = scaledDotProductAttention(...inputs, { bias: learned });
    const gradients = grad(y.sum(), [...inputs, learned]).map((g) => g.isFinite().all().item());
    expect(gradients).toEqual([1, 1, 1, 1]);
  });

  it("does so with a mask and a causal one", () => {
    const options = {
      bias: tensor([
        [below, 0],
        [0, 0],
      ]),
      isCausal: true,
    };
    expect(
      scaledDotProductAttention(tensor(q!), tensor(k!), tensor(v!), options).select(0, 0).toArray(),
    ).toEqual([0, 0]);
  });
});

describe("lerp", () => {
  it("is exact at both ends", () => {
    const at = (a: number, b: number, weight: number) => lerp(tensor(a), tensor(b), weight).item();
    const [large, small] = [1e8, Math.fround(0.1)];
    expect([at(large, small, 0), at(large, small, 1)]).toEqual([large, small]);
    expect([at(above, 1, 1), at(1, below, 1), at(below, above, 1)]).toEqual([1, below, above]);
    expect([at(above, 1, 0.75), at(1, above, 0.25)]).toEqual([above, above]);
  });

  it("has the derivatives of a line everywhere", () => {
    for (const weight of [0, 0.25, 0.5, 0.75, 1]) {
      const inputs = [2, 5, weight].map((x) => tensor(x, { requiresGrad: true })) as [Tensor, Tensor, Tensor];
      expect(grad(lerp(...inputs), inputs).map((g) => g.item())).toEqual([1 - weight, weight, 3]);
    }
  });
});

describe("remainder", () => {
  /** The gradient with respect to the divisor, and the quotient in the value. */
  function quotients(a: number, b: number): [found: number, exact: number] {
    const [x, y] = [tensor(a), tensor(b, { requiresGrad: true })];
    const [m, n] = [x.item(), y.item()];
    const rest = m % n;
    const floored = rest !== 0 && rest < 0 !== n < 0 ? rest + n : rest;
    return [-grad(x.remainder(y), y).item() + 0, Math.round((m - floored) / n) + 0];
  }

  it("has the quotient of its value as gradient of the divisor, where a / b rounds up, too", () => {
    expect(quotients(1, 0.1)).toEqual([9, 9]);
    for (let k = -300; k <= 300; k++) {
      for (const b of [0.1, 0.3, 0.7, 1.1, -0.1, -0.7, 1e-3, 3, 1e30]) {
        const [found, exact] = quotients(k * b, b);
        expect(found, `${k * b} by ${b}`).toBe(exact);
      }
    }
    expect(quotients(3e38, -2e38)).toEqual([-2, -2]);
    expect(quotients(-1e-10, 1)).toEqual([-1, -1]);
  });

  it("has it for infinite divisors", () => {
    const b = tensor([above, above, below, below], { requiresGrad: true });
    expect(grad(tensor([1, -1, 1, -1]).remainder(b).sum(), b).toArray()).toEqual([-0, 1, 1, -0]);
  });
});

describe("a value out of range is refused", () => {
  it.each<[string, () => unknown, string]>([
    [
      "bernoulli",
      () => bernoulli(tensor([0.5, 1.25])),
      "bernoulli: a probability is 1.25; it must be from 0 to 1",
    ],
    ["bernoulli of NaN", () => bernoulli(tensor([[NaN]])), "bernoulli: a probability is NaN"],
    ["bernoulli of one", () => bernoulli([2], -1), "bernoulli: p is -1; it must be from 0 to 1"],
    ["celu", () => celu(tensor([1]), 0), "celu: alpha is 0; use another number"],
    [
      "hardtanh",
      () => hardtanh(tensor([1]), 0.5, -0.5),
      "hardtanh: min exceeds max, 0.5 and -0.5; swap them",
    ],
    ["clamp", () => tensor([1]).clamp(), "clamp: no bound is given; pass a min, a max, or both"],
    ["clamp of null", () => tensor([1]).clamp(null, undefined), "clamp: no bound is given"],
    ["clamp_", () => tensor([1]).clamp_(), "clamp_: no bound is given; pass a min, a max, or both"],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  it("bounds are in range, and so are empty tensors", () => {
    expect(bernoulli(tensor([0, 1])).toArray()).toEqual([0, 1]);
    expect(bernoulli(tensor(new Float32Array(0))).shape).toEqual([0]);
    expect(hardtanh(tensor([1, -1]), 0.5, 0.5).toArray()).toEqual([0.5, 0.5]);
  });
});

it("average pooling is not affected by padding", () => {
  expect(gradientOf((x) => avgPool1d(x, 3, { padding: 1 }), [[1, 2, 3]])).toEqual([
    [expect.closeTo(1 / 3), expect.closeTo(1 / 3), 0],
  ]);
});

describe("parts of an empty tensor", () => {
  const shapes = (parts: readonly Tensor[]) => parts.map((x) => x.shape);

  it("chunk returns as many as asked for", () => {
    expect(shapes(zeros([0]).chunk(3))).toEqual([[0], [0], [0]]);
    expect(shapes(zeros([2, 0]).chunk(2, 1))).toEqual([
      [2, 0],
      [2, 0],
    ]);
    expect(shapes(zeros([5]).chunk(4))).toEqual([[2], [2], [1]]);
  });

  it("split returns one", () => {
    expect(shapes(zeros([0]).split(2))).toEqual([[0]]);
    expect(shapes(zeros([0]).split(0))).toEqual([[0]]);
    expect(() => zeros([1]).split(0)).toThrow("split: parts of 0 do not cover 1 element");
  });
});

describe("pad by elements that are cut off at the other end", () => {
  const x = tensor([[0, 1, 2, 3, 4, 5]]);

  it.each<[[number, number], number[]]>([
    [
      [2, -1],
      [3, 4, 0, 1, 2, 3, 4],
    ],
    [
      [-1, 2],
      [1, 2, 3, 4, 5, 1, 2],
    ],
    [
      [-2, 4],
      [2, 3, 4, 5, 2, 3, 4, 5],
    ],
    [
      [3, -3],
      [0, 1, 2, 0, 1, 2],
    ],
    [
      [-5, 1],
      [5, 5],
    ],
    [
      [-1, -1],
      [1, 2, 3, 4],
    ],
    [[-6, 0], []],
  ])("circular %j repeats the remaining elements", (pads, expected) => {
    expect(x.pad(pads, { mode: "circular" }).toArray()).toEqual([expected]);
  });

  it.each<[[number, number], number[], number[]]>([
    [
      [2, -1],
      [2, 1, 0, 1, 2, 3, 4],
      [0, 0, 0, 1, 2, 3, 4],
    ],
    [
      [-2, 5],
      [2, 3, 4, 5, 4, 3, 2, 1, 0],
      [2, 3, 4, 5, 5, 5, 5, 5, 5],
    ],
    [
      [3, -3],
      [3, 2, 1, 0, 1, 2],
      [0, 0, 0, 0, 1, 2],
    ],
  ])("reflect and replicate %j use the whole dimension", (pads, mirrored, repeated) => {
    expect(x.pad(pads, { mode: "reflect" }).toArray()).toEqual([mirrored]);
    expect(x.pad(pads, { mode: "replicate" }).toArray()).toEqual([repeated]);
  });

  it.each([
    [5, -2],
    [-5, 2],
    [-6, 1],
    [-7, 8],
  ])("circular [%i, %i] is refused", (before, after) => {
    expect(() => x.pad([before, after], { mode: "circular" })).toThrow(
      `pad: [${before}, ${after}] does not fit, dim 1 of shape [1, 6]; circular pads at most what is kept`,
    );
  });
});

describe("the gradient of an empty tensor", () => {
  it.each<[string, (x: Tensor) => Tensor]>([
    ["mean", (x) => x.mean()],
    ["mean over a dim", (x) => x.mean(0)],
    ["var", (x) => x.var()],
    ["var over a dim", (x) => x.var(0, { correction: 0 })],
    ["std", (x) => x.std()],
    ["logsumexp", (x) => x.logsumexp(0)],
    ["norm", (x) => x.norm()],
    ["prod", (x) => x.prod()],
  ])("of %s is linear in the incoming gradient", (_, f) => {
    const x = zeros([0, 2], { requiresGrad: true });
    const y = f(x);
    const seed = onesLike(y, { requiresGrad: true });
    const g = grad(y, x, { gradOutputs: seed, createGraph: true });
    expect(g.shape).toEqual([0, 2]);
    expect(grad(g.square().sum(), seed).toArray()).toEqual(zerosLike(seed).toArray());
    expect(f(tensor(new Float32Array(0), { shape: [0, 2] })).toArray()).toEqual(y.detach().toArray());
  });
});

describe("einsum", () => {
  it.each<[string, number[], string]>([
    ["ii->i", [1, 3], '"i" stands for two sizes, 1 and 3'],
    ["ii", [3, 1], '"i" stands for two sizes, 3 and 1'],
    ["bii->b", [2, 3, 1], '"i" stands for two sizes, 3 and 1'],
  ])("%s of %j is refused", (equation, shape, message) => {
    expect(() => einsum(equation, zeros(shape))).toThrow(`einsum: ${message} in "${equation}"`);
  });

  it("still broadcasts between terms", () => {
    expect(einsum("ij,jk->ik", ones([2, 1]), ones([3, 2])).toArray()).toEqual([
      [3, 3],
      [3, 3],
    ]);
    expect(einsum("ii,i->i", ones([1, 1]), ones([3])).toArray()).toEqual([1, 1, 1]);
    expect(einsum("ii,i->i", ones([3, 3]), ones([1])).toArray()).toEqual([1, 1, 1]);
  });
});

describe("cat", () => {
  it("skips empty vectors, which get an empty gradient", () => {
    const [nothing, x] = [zeros([0], { requiresGrad: true }), ones([2, 3], { requiresGrad: true })];
    for (const [list, dim] of [
      [[nothing, x], 0],
      [[x, nothing], -1],
      [[nothing, x, nothing], 1],
    ] as const) {
      const y = cat(list, dim);
      expect(y.toArray()).toEqual(x.toArray());
      expect(grad(y.sum(), [nothing, x]).map((g) => g.shape)).toEqual([[0], [2, 3]]);
    }
    expect(cat([nothing, nothing]).shape).toEqual([0]);
    expect(cat([nothing, zeros([2, 0])], 1).shape).toEqual([2, 0]);
    expect(cat([nothing, tensor([1, 2])]).toArray()).toEqual([1, 2]);
  });

  it("refuses other shapes that do not fit", () => {
    expect(() => cat([zeros([0, 2]), ones([2, 3])])).toThrow(
      "cat: shapes differ outside of dim 0, [0, 2] and [2, 3]",
    );
    expect(() => cat([zeros([0]), tensor(1)])).toThrow("cat: scalars have no dimension to join");
  });
});

describe("a derivative of higher order than a polynomial", () => {
  it.each<[string, number, (x: Tensor) => Tensor]>([
    ["pow(2)", 3, (x) => x.pow(2)],
    ["pow(3)", 5, (x) => x.pow(3)],
    ["square", 4, (x) => x.square()],
    ["a line", 3, (x) => x.mul(2).add(1).sum()],
    ["relu", 2, (x) => x.relu()],
    ["a sum of squares", 3, (x) => x.mul(x).sum()],
  ])("of %s, the %i., is 0", (_, order, f) => {
    const x = tensor([3], { requiresGrad: true });
    let y = f(x).sum();
    for (let k = 0; k < order; k++) y = grad(y, x, { createGraph: true }).sum();
    expect(y.item()).toBe(0);
  });

  it("is 0 by backward, too", () => {
    const x = tensor([3], { requiresGrad: true });
    let y = x.pow(2).sum();
    for (let k = 0; k < 3; k++) {
      x.grad = null;
      y.backward(undefined, { createGraph: true });
      y = x.grad!.sum();
    }
    expect(y.item()).toBe(0);
  });
});

describe("valueAndGrad", () => {
  it("of a constant is zeros, also at infinite inputs", () => {
    const [value, g] = valueAndGrad((_: Tensor) => tensor(4))(tensor([1, above]));
    expect([value.item(), g.toArray()]).toEqual([4, [0, 0]]);
    const [, [ga, gb]] = valueAndGrad((a: Tensor, _b: Tensor) => a.sum())(tensor([1]), tensor([NaN, above]));
    expect([ga!.toArray(), gb!.toArray()]).toEqual([[1], [0, 0]]);
  });
});
