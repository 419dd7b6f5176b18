import { fc, test } from "@fast-check/vitest";
import { full, GradientError, ones, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { expectClose, numericGradient, random, randomLeaf } from "../test/numeric";
import { noGrad } from "./index";

const leaf = (data: number | number[] | number[][]) => tensor(data, { requiresGrad: true });

describe("backward", () => {
  it("puts the gradient into every leaf that requires it, and nowhere else", () => {
    const [x, y, constant] = [leaf([1, 2]), leaf([3, 4]), tensor([5, 6])];
    const product = x.mul(y);
    product.add(constant).sum().backward();
    expect(x.grad!.toArray()).toEqual([3, 4]);
    expect(y.grad!.toArray()).toEqual([1, 2]);
    expect(constant.grad).toBeNull();
    expect(product.grad).toBeNull();
  });

  it("accumulates, call after call", () => {
    const x = leaf([1, 2]);
    x.square().sum().backward();
    expect(x.grad!.toArray()).toEqual([2, 4]);
    x.mul(10).sum().backward();
    expect(x.grad!.toArray()).toEqual([12, 14]);
    x.grad = null;
    x.mul(10).sum().backward();
    expect(x.grad!.toArray()).toEqual([10, 10]);
  });

  it("adds up over the paths that lead to a leaf", () => {
    const w = leaf(3);
    const [a, b] = [w.mul(5), w.mul(7)];
    a.mul(b).add(w).backward();
    expect(w.grad!.item()).toBe(2 * 35 * 3 + 1);
  });

  it("starts from 1 for one element, whatever the rank, and from a seed for more", () => {
    const x = leaf([[2]]);
    x.square().backward();
    expect(x.grad!.toArray()).toEqual([[4]]);
    const y = leaf([1, 2, 3]);
    y.square().backward(tensor([1, 0, -1]));
    expect(y.grad!.toArray()).toEqual([2, 0, -6]);
  });

  it("gives a leaf its own seed", () => {
    const x = leaf([1, 2]);
    x.backward(tensor([3, 4]));
    expect(x.grad!.toArray()).toEqual([3, 4]);
    const scalar = leaf(5);
    scalar.backward();
    expect(scalar.grad!.item()).toBe(1);
  });

  it("sums over broadcast dimensions", () => {
    const [row, column, scalar] = [leaf([1, 2, 3]), leaf([[1], [2]]), leaf(2)];
    row.mul(column).mul(scalar).sum().backward();
    expect(row.grad!.toArray()).toEqual([6, 6, 6]);
    expect(column.grad!.toArray()).toEqual([[12], [12]]);
    expect(scalar.grad!.item()).toBe(18);
  });

  it("shows in print which operation a tensor came from", () => {
    const x = leaf([1, 2]);
    expect(x.toString()).toBe("tensor([1., 2.], requiresGrad=true)");
    expect(x.mul(2).toString()).toBe("tensor([2., 4.], gradFn=<mul>)");
    expect(x.to("float64").sum().toString()).toBe("tensor(3., dtype=float64, gradFn=<sum>)");
    expect(x.detach().toString()).toBe("tensor([1., 2.])");
  });

  it("does not follow a detached tensor", () => {
    const x = leaf([2]);
    x.mul(x.detach()).sum().backward();
    expect(x.grad!.toArray()).toEqual([2]);
  });

  it("goes through a computation in float64, too", () => {
    const x = tensor([0.1], { requiresGrad: true, dtype: "float64" });
    x.to("float32").mul(3).to("float64").sum().backward();
    expect(x.grad!.dtype).toBe("float64");
    expect(x.grad!.item()).toBe(3);
  });

  it("takes gradients of empty tensors", () => {
    const x = tensor([], { requiresGrad: true });
    x.square().sum().backward();
    expect(x.grad!.shape).toEqual([0]);
  });
});

describe("backward refuses", () => {
  const refuses = (call: () => void, message: string) => {
    expect(call).toThrow(GradientError);
    expect(call).toThrow(message);
  };

  it("a result that does not require grad", () => {
    refuses(
      () => tensor(1).mul(2).backward(),
      "backward: the result does not require grad, nothing it was computed from does; " +
        "create a tensor with { requiresGrad: true }, and compute outside of noGrad",
    );
    const x = leaf(1);
    refuses(() => noGrad(() => x.mul(2)).backward(), "backward: the result does not require grad");
    refuses(() => x.gt(0).backward(), "backward: the result does not require grad");
  });

  it("several elements without a seed, and a seed of another shape", () => {
    const x = leaf([1, 2]);
    refuses(
      () => x.mul(2).backward(),
      "backward: only a scalar has a gradient by itself, this result has shape [2]; " +
        "reduce it with sum() or mean(), or pass a seed of that shape",
    );
    refuses(
      () => x.mul(2).backward(tensor([1])),
      "backward: the seed has the wrong shape, [1] for [2]; it must have the shape of the result",
    );
    expect(x.grad).toBeNull();
  });

  it("a graph that it has freed, naming the operation that lost its tensors", () => {
    const x = leaf([1, 2]);
    const loss = x.exp().sum();
    loss.backward();
    refuses(
      () => loss.backward(),
      "backward: the graph was already freed, at exp, by an earlier backward; " +
        "pass { retainGraph: true } to the earlier one to go through it again",
    );
    expect(x.grad!.toArray()).toEqual(x.exp().toArray());
  });

  it("a freed part of a larger graph", () => {
    const x = leaf([1, 2]);
    const shared = x.exp();
    shared.sum().backward();
    refuses(() => shared.mul(2).sum().backward(), "backward: the graph was already freed, at exp");
  });

  it("to stop requiring grad in the middle of a graph", () => {
    const y = leaf([1]).mul(2);
    refuses(() => {
      y.requiresGrad = false;
    }, "requiresGrad: only a leaf can stop requiring grad, this tensor was computed; use detach() for a tensor without history");
  });
});

describe("retainGraph", () => {
  it("lets the graph be walked again", () => {
    const x = leaf([1, 2]);
    const loss = x.square().sum();
    loss.backward(undefined, { retainGraph: true });
    loss.backward(undefined, { retainGraph: true });
    loss.backward();
    expect(x.grad!.toArray()).toEqual([6, 12]);
    expect(() => loss.backward()).toThrow("the graph was already freed, at square");
  });

  it("is not needed by operations that saved nothing", () => {
    const x = leaf([1, 2]);
    const loss = x.add(1).reshape([2, 1]).add(x.unsqueeze(1)).sum();
    loss.backward();
    loss.backward();
    expect(x.grad!.toArray()).toEqual([4, 4]);
  });
});

describe("createGraph", () => {
  it("makes gradients that can be differentiated, and keeps the graph", () => {
    const x = leaf([2]);
    x.pow(3).sum().backward(undefined, { createGraph: true });
    const first = x.grad!;
    expect(first.requiresGrad).toBe(true);
    expect(first.item()).toBe(12);
    x.grad = null;
    first.sum().backward();
    expect(x.grad!.toArray()).toEqual([12]);
  });

  it("adds to a gradient without writing into it", () => {
    const x = leaf([2]);
    x.square().sum().backward(undefined, { createGraph: true });
    const first = x.grad!;
    x.square().sum().backward(undefined, { createGraph: true });
    expect(first.item()).toBe(4);
    expect(x.grad!.item()).toBe(8);
  });

  it("is off unless asked for: a plain gradient has no history", () => {
    const x = leaf([2]);
    x.pow(3).sum().backward();
    expect(x.grad!.requiresGrad).toBe(false);
  });
});

describe("a saved tensor that was written to", () => {
  it("is noticed, and the operation that saved it is named", () => {
    const x = leaf([1, 2]);
    const middle = x.mul(2);
    const loss = middle.square().sum();
    noGrad(() => middle.add_(1));
    expect(() => loss.backward()).toThrow(GradientError);
    expect(() => loss.backward()).toThrow(
      "backward: a tensor that square had saved for its gradient was modified in place since; " +
        "write to a copy: clone() it first",
    );
    expect(x.grad).toBeNull();
  });

  it("is noticed when it is the result", () => {
    const x = leaf([1, 2]);
    const y = x.exp();
    const loss = y.sum();
    y.add_(1);
    expect(() => loss.backward()).toThrow(
      "a tensor that exp had saved for its gradient was modified in place since",
    );
  });

  it("is noticed when it was written to through a view, or as a constant", () => {
    const x = leaf([1, 2]);
    const constant = tensor([3, 4]);
    const loss = x.mul(constant).sum();
    constant.narrow(0, 1, 1).fill_(0);
    expect(() => loss.backward()).toThrow(
      "a tensor that mul had saved for its gradient was modified in place since",
    );
  });

  it("does no harm to operations that did not save it", () => {
    const x = leaf([1, 2]);
    const middle = x.mul(2);
    const loss = middle.add(5).sum();
    middle.zero_();
    loss.backward();
    expect(x.grad!.toArray()).toEqual([2, 2]);
  });

  it("may be a parameter that an optimizer has moved between two walks", () => {
    const w = leaf([3]);
    const loss = w.square().sum();
    loss.backward(undefined, { retainGraph: true });
    noGrad(() => w.sub_(w.grad!));
    expect(() => loss.backward()).toThrow("a tensor that square had saved");
  });
});

describe("a gradient", () => {
  it("shares no memory with another leaf's, the seed or the loss", () => {
    const [x, y, seed] = [leaf([1, 2]), leaf([3, 4]), tensor([1, 1])];
    x.add(y).backward(seed);
    const storages = [x.grad!.storage, y.grad!.storage, seed.storage];
    expect(new Set(storages).size).toBe(3);
    x.backward(seed);
    x.grad!.fill_(9);
    expect(y.grad!.toArray()).toEqual([1, 1]);
    expect(seed.toArray()).toEqual([1, 1]);
  });

  it("has memory of its own when it came through views and expansions of the seed", () => {
    const seed = ones([2, 2]);
    const [x, y, z] = [
      leaf([
        [1, 2],
        [3, 4],
      ]),
      leaf([
        [1, 2],
        [3, 4],
      ]),
      leaf([
        [1, 2],
        [3, 4],
      ]),
    ];
    x.transpose(0, 1)
      .add(y.reshape([4]).reshape([2, 2]))
      .add(z.flip(0))
      .backward(seed);
    const grads = [x, y, z].map((leaf) => leaf.grad!);
    expect(new Set([seed, ...grads].map((g) => g.storage)).size).toBe(4);
    for (const grad of grads) {
      grad.mul_(2);
      expect(grad.toArray()).toEqual([
        [2, 2],
        [2, 2],
      ]);
    }
    expect(seed.toArray()).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it("can be written to even where one number was spread over all elements", () => {
    const x = leaf([1, 2, 3]);
    x.sum().backward();
    x.grad!.narrow(0, 0, 1).fill_(5);
    expect(x.grad!.toArray()).toEqual([5, 1, 1]);
  });

  it("is added to in place, so that references to it see the sum", () => {
    const x = leaf([1]);
    x.mul(2).sum().backward();
    const held = x.grad!;
    x.mul(3).sum().backward();
    expect(held).toBe(x.grad);
    expect(held.item()).toBe(5);
  });
});

describe("retainGrad", () => {
  it("keeps the gradient of a computed tensor", () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    y.retainGrad();
    y.square().sum().backward();
    expect(y.grad!.toArray()).toEqual([6, 12]);
    expect(x.grad!.toArray()).toEqual([18, 36]);
  });

  it("changes nothing about a leaf, and is refused where there is no gradient", () => {
    const x = leaf([1]);
    x.retainGrad();
    x.mul(2).sum().backward();
    expect(x.grad!.toArray()).toEqual([2]);
    expect(() => tensor([1]).retainGrad()).toThrow(
      "retainGrad: the tensor does not require grad; compute it from one that does",
    );
  });
});

describe("large graphs", () => {
  it("may be 100,000 operations deep", () => {
    const x = leaf([1]);
    let y: Tensor = x;
    for (let i = 0; i < 100_000; i++) y = y.mul(i % 2 === 0 ? 2 : 0.5);
    y.sum().backward();
    expect(x.grad!.item()).toBe(1);
  });

  it("may use one leaf 10,000 times, and 10,000 leaves once", () => {
    const x = leaf([1, 2]);
    let total = zeros([2]);
    for (let i = 0; i < 10_000; i++) total = total.add(x.mul(2));
    total.sum().backward();
    expect(x.grad!.toArray()).toEqual([20_000, 20_000]);
    const leaves = Array.from({ length: 10_000 }, (_, i) => leaf(i));
    leaves.reduce<Tensor>((sum, one) => sum.add(one.mul(one)), tensor(0)).backward();
    expect(leaves.every((one, i) => one.grad!.item() === 2 * i)).toBe(true);
  });

  it("may double their paths at every step", () => {
    const x = leaf([1]);
    let y: Tensor = x;
    for (let i = 0; i < 60; i++) y = y.add(y);
    y.sum().backward();
    expect(x.grad!.item()).toBe(2 ** 60);
  });
});

describe("the gradient of a random computation", () => {
  type Step = readonly [kind: number, a: number, b: number];
  const steps = fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 9 }), fc.nat({ max: 9 })), {
    minLength: 1,
    maxLength: 8,
  });

  /** Values that are each computed from two earlier ones. */
  function compute(x: Tensor, chain: readonly Step[]): Tensor {
    const values = [x];
    const pick = (i: number) => values[i % values.length]!;
    for (const [kind, i, j] of chain) {
      const [a, b] = [pick(i), pick(j)];
      const made = [
        () => a.mul(b).tanh(),
        () => a.add(b),
        () => a.sub(b.mul(0.5)),
        () => a.sin().mul(b.mean()),
        () => a.matmul(b).tanh(),
        () => a.transpose(0, 1).add(b.sum(0)).mul(0.3),
        () => a.softmax(1).mul(b),
      ][kind]!();
      values.push(made);
    }
    return values.reduce(
      (total, value, i) => total.add(value.mul(1 + (i % 3)).sum()),
      tensor(0, { dtype: "float64" }),
    );
  }

  test.prop([steps, fc.nat({ max: 1000 })], { numRuns: 60 })(
    "agrees with finite differences, with shared values too",
    (chain, seed) => {
      const x = randomLeaf([3, 3], seed);
      compute(x, chain).backward();
      expectClose(
        x.grad!,
        numericGradient((at) => compute(at, chain), x),
        1e-6,
      );
    },
  );

  test.prop([steps, fc.nat({ max: 1000 })], { numRuns: 30 })("is linear in the seed", (chain, seed) => {
    const gradient = (scale: number) => {
      const x = randomLeaf([3, 3], seed);
      compute(x, chain).backward(full([], scale, { dtype: "float64" }));
      return x.grad!;
    };
    expectClose(gradient(3), gradient(1).mul(3).dataSync(), 1e-12);
  });

  it("of a sum of two computations is the sum of theirs", () => {
    const x = randomLeaf([3, 3], 1);
    const y = random([3, 3], 2);
    x.matmul(y).sum().add(x.exp().sum()).backward();
    const together = x.grad!.clone();
    x.grad = null;
    x.matmul(y).sum().backward();
    x.exp().sum().backward();
    expectClose(x.grad!, together.dataSync(), 1e-14);
  });
});
