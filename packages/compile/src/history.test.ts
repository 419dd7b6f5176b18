import { mseLoss } from "@thalweg/losses";
import { Dropout, Linear, ReLU, Sequential } from "@thalweg/nn";
import { Adam } from "@thalweg/optim";
import { manualSeed, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
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
});
