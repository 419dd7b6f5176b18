import { grad } from "@thalweg/autograd";
import { mseLoss } from "@thalweg/losses";
import { Dropout, Linear, ReLU, Sequential } from "@thalweg/nn";
import { Adam } from "@thalweg/optim";
import { manualSeed, randn, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { shown } from "../test/twins";
import { compile } from "./index";

/** Trains a model whose forward pass may be compiled; the rest is eager. */
function trained(isCompiled: boolean) {
  manualSeed(3);
  const model = new Sequential(new Linear(5, 40), new ReLU(), new Dropout(0.4), new Linear(40, 3));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const run = (x: Tensor) => model.forward(x);
  const forward = isCompiled ? compile(run) : run;
  const [x, y] = [randn([7, 5]), randn([7, 3])];
  const losses: number[] = [];
  for (let i = 0; i < 30; i++) {
    optimizer.zeroGrad();
    const loss = mseLoss(forward(x), y);
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  return { losses, parameters: model.parameters().map((p) => [p.toArray(), p.grad!.toArray()]) };
}

describe("a result with a history", () => {
  it("is differentiated outside of the function as in eager mode", () => {
    expect(trained(true)).toEqual(trained(false));
  });

  it("passes gradients to the arguments", () => {
    const f = compile((a: Tensor, b: Tensor) => a.mul(b).exp().sum());
    for (let i = 1; i < 5; i++) {
      const [a, b] = [1, 2].map((v) => tensor([v / i, 0.5, -v], { requiresGrad: true })) as [Tensor, Tensor];
      const [c, d] = [a, b].map((x) => x.detach()) as [Tensor, Tensor];
      for (const x of [c, d]) x.requiresGrad = true;
      f(a, b).mul(3).backward();
      c.mul(d).exp().sum().mul(3).backward();
      expect(a.grad!.toArray()).toEqual(c.grad!.toArray());
      expect(b.grad!.toArray()).toEqual(d.grad!.toArray());
    }
  });

  it("may be one of several", () => {
    const w = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const f = compile((x: Tensor) => ({
      square: x.matmul(w).square(),
      sum: x.matmul(w).sum(0),
      x: x.add(1),
    }));
    for (let i = 0; i < 4; i++) {
      const x = tensor([
        [i, 1],
        [2, -i],
      ]);
      w.grad = null;
      const { square, sum, x: more } = f(x);
      square
        .sum()
        .add(sum.mul(more.select(0, 0)).sum())
        .backward();
      const compiled = w.grad!.toArray();
      w.grad = null;
      const y = x.matmul(w);
      y.square()
        .sum()
        .add(y.sum(0).mul(x.add(1).select(0, 0)).sum())
        .backward();
      expect(compiled).toEqual(w.grad!.toArray());
    }
  });

  it("can be walked once, unless the graph is retained", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const f = compile((x: Tensor) => w.mul(x).exp());
    for (let i = 0; i < 3; i++) {
      w.grad = null;
      const y = f(tensor([3, i])).sum();
      y.backward(undefined, { retainGraph: true });
      y.backward();
      expect(() => y.backward()).toThrow("the graph was already freed");
      const [a, b] = [3 * Math.exp(3), i * Math.exp(2 * i)];
      const grad = w.grad!.toArray() as number[];
      expect(grad[0]! / (2 * a)).toBeCloseTo(1, 5);
      expect(grad[1]!).toBeCloseTo(2 * b, 1);
    }
  });

  it("notices that a parameter was overwritten before backward", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const f = compile((x: Tensor) => w.mul(x).exp().sum());
    const x = tensor([3, 1], { requiresGrad: true });
    for (let i = 0; i < 3; i++) {
      const y = f(x);
      w.detach().add_(1);
      expect(() => y.backward()).toThrow("modified in place");
    }
  });

  it("has no second derivative outside of the function, which an error says", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const f = compile((x: Tensor) => w.mul(x).exp().sum());
    const run = () =>
      f(tensor([3, 1]))
        .mul(w.sum())
        .backward(undefined, { createGraph: true });
    run();
    expect(run).toThrow("compute second derivatives inside of the function");
  });

  it("says so also where the gradient that comes in is a constant", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const f = compile(() => w.pow(3).sum());
    // The result of the recorded call has the history of the function itself.
    grad(f(), w, { createGraph: true }).sum().backward();
    expect(w.grad!.toArray()).toEqual([6, 12]);
    expect(() => grad(f(), w, { createGraph: true })).toThrow("compute second derivatives inside");
    expect(() => f().backward(undefined, { createGraph: true })).toThrow("compute second derivatives inside");
    expect(grad(f(), w).toArray()).toEqual([3, 12]);
  });

  it("has second derivatives that the function computes, and gradients of these outside", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const f = compile(() => grad(w.pow(3).sum(), w, { createGraph: true }));
    for (let i = 0; i < 3; i++) {
      w.grad = null;
      f().sum().backward();
      expect(w.grad!.toArray()).toEqual([6, 12]);
    }
    expect(f.explain()).toMatchObject({ eager: null, recordings: 1 });
  });
});

describe("a history that is not a result's own leaves the function without a program", () => {
  /** Runs a function as it is and compiled, and expects the same; returns why it has no program. */
  function reasonOf(make: (w: Tensor) => (x: Tensor) => unknown): string | null {
    const [eager, own] = [tensor([1, 2], { requiresGrad: true }), tensor([1, 2], { requiresGrad: true })];
    const f = make(eager);
    const compiled = compile(make(own) as (x: Tensor) => Tensor);
    for (let i = 0; i < 3; i++) {
      expect(shown(compiled(tensor([i, 1])))).toEqual(shown(f(tensor([i, 1]))));
      expect(shown(own)).toEqual(shown(eager));
    }
    expect(compiled.explain().programs).toEqual([]);
    return compiled.explain().eager;
  }

  const reason = "it leaves a history that is not a result's own";

  it("in a gradient", () => {
    const make = (w: Tensor) => (x: Tensor) => {
      w.grad = null;
      w.mul(x).square().sum().backward(undefined, { createGraph: true });
      return w.grad!.detach();
    };
    expect(reasonOf(make)).toBe(reason);
  });

  it("in a tensor from outside", () => {
    const make = (w: Tensor) => {
      const total = zeros([2]);
      return (x: Tensor) => {
        total.add_(w.mul(x));
        return total.detach().clone();
      };
    };
    expect(reasonOf(make)).toBe(reason);
  });

  it("in an argument that is written", () => {
    const make = (w: Tensor) => (x: Tensor) => {
      x.mul_(w);
      return x;
    };
    expect(reasonOf(make)).toBe(reason);
  });

  it("in results of several types", () => {
    const make = (w: Tensor) => (x: Tensor) => [w.mul(x), w.to("float64").exp()];
    expect(reasonOf(make)).toBe(reason);
  });
});
