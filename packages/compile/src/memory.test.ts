import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { mseLoss } from "@thalweg/losses";
import { Dropout, Linear, ReLU, Sequential } from "@thalweg/nn";
import { Adam, SGD } from "@thalweg/optim";
import { memoryStats, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { compile } from "./index";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What is in use after a collection: bytes of JavaScript's heap, and of tensors. */
function inUse(): { heap: number; live: number } {
  collect();
  collect();
  return { heap: process.memoryUsage().heapUsed, live: memoryStats().heapBytes };
}

/** The growth over many calls, after some that fill caches. */
function growth(call: () => void, count: number, first = 2000): { heap: number; live: number } {
  for (let i = 0; i < first; i++) call();
  const before = inUse();
  for (let i = 0; i < count; i++) call();
  const after = inUse();
  return { heap: after.heap - before.heap, live: after.live - before.live };
}

describe("the memory of replays is flat", () => {
  it("over 100,000 steps whose loss is read", () => {
    const [x, y] = [tensor([[1], [2], [3], [4]]), tensor([[3], [5], [7], [9]])];
    const model = new Linear(1, 1);
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const step = compile(() => {
      const loss = mseLoss(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    const { heap, live } = growth(() => step().item(), 100_000);
    expect(live).toBeLessThan(1000);
    expect(heap).toBeLessThan(1_000_000);
  });

  it("with gradients that are read, random numbers and results that are dropped", () => {
    const model = new Sequential(new Linear(8, 16), new ReLU(), new Dropout(0.5), new Linear(16, 4));
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    const step = compile((x: Tensor) => {
      optimizer.zeroGrad();
      const y = model.forward(x);
      y.square().mean().backward();
      optimizer.step();
      return { y: y.detach(), x, norm: model.parameters()[0]!.grad!.norm() };
    });
    const x = randn([8, 8]);
    const { heap, live } = growth(() => step(x).norm.item(), 5000);
    expect(live).toBeLessThan(100_000);
    expect(heap).toBeLessThan(1_000_000);
  });

  it("also where programs replace each other", () => {
    const f = compile((x: Tensor, k: number) => x.mul(k).exp().sum(), { maxPrograms: 2 });
    const x = randn([64, 64]);
    let i = 0;
    // Each is recorded and used, so that recordings do not end it.
    const call = () => {
      f(x, i % 5);
      f(x, i++ % 5);
    };
    const { heap, live } = growth(call, 400, 100);
    expect(live).toBeLessThan(1_000_000);
    expect(heap).toBeLessThan(4_000_000);
  });
});
