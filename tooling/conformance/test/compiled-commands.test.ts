import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { compile } from "@thalweg/compile";
import { crossEntropy, mseLoss } from "@thalweg/losses";
import { Linear, ReLU, Sequential } from "@thalweg/nn";
import { Adam, SGD } from "@thalweg/optim";
import { memoryStats, profile, randint, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import type { Optimizer } from "../src/training";
import { session } from "./session";

const here = describe.skipIf(session === null);

const sgd = (params: Iterable<Tensor>) => new SGD(params, { lr: 0.01 });
const adam = (params: Iterable<Tensor>) => new Adam(params, { lr: 0.001 });

/** A compiled training step. */
function stepOf(loss: () => Tensor, optimizer: Optimizer): () => Tensor {
  return compile(() => {
    const value = loss();
    value.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return value;
  });
}

/** The step of the demo: a line through four points. */
function demo(): () => Tensor {
  const [x, y] = [
    [[1], [2], [3], [4]],
    [[3], [5], [7], [9]],
  ].map((rows) => tensor(rows, { device: "webgpu" }));
  const model = new Linear(1, 1).to("webgpu");
  return stepOf(() => mseLoss(model.forward(x!), y!), sgd(model.parameters()));
}

/** A step of a multilayer perceptron. */
function perceptron(batch: number, sizes: readonly number[], make: typeof sgd | typeof adam): () => Tensor {
  const layers = sizes.slice(1).flatMap((size, i) => [new Linear(sizes[i]!, size), new ReLU()]);
  const model = new Sequential(...layers.slice(0, -1)).to("webgpu");
  const x = randn([batch, sizes[0]!]).to("webgpu");
  const labels = randint([batch], 0, sizes.at(-1)!).to("webgpu");
  return stepOf(() => crossEntropy(model.forward(x), labels), make(model.parameters()));
}

const problems: [string, () => () => Tensor, number][] = [
  ["the demo", demo, 1],
  ["a perceptron, with SGD", () => perceptron(64, [784, 128, 10], sgd), 8],
  ["a perceptron, with Adam", () => perceptron(64, [784, 128, 10], adam), 8],
  ["a large perceptron, with SGD", () => perceptron(256, [784, 512, 512, 10], sgd), 13],
  ["a large perceptron, with Adam", () => perceptron(256, [784, 512, 512, 10], adam), 13],
];

here("a compiled step on WebGPU", () => {
  it.each(problems)("of %s is few dispatches and one submit", async (_, make, most) => {
    const step = make();
    for (let i = 0; i < 3; i++) await step().itemAsync();
    const before = { ...session!.counts };
    for (let i = 0; i < 2; i++) await step().itemAsync();
    const { dispatches, submits, kernels } = session!.counts;
    expect((dispatches - before.dispatches) / 2).toBeLessThanOrEqual(most);
    expect(submits - before.submits).toBe(2);
    expect(kernels).toBe(before.kernels);
  });

  it("compiles nothing when it is recorded again", async () => {
    const first = perceptron(8, [4, 8, 3], adam);
    for (let i = 0; i < 3; i++) await first().itemAsync();
    const { kernels } = session!.counts;
    const second = perceptron(8, [4, 8, 3], adam);
    for (let i = 0; i < 3; i++) await second().itemAsync();
    expect(session!.counts.kernels).toBe(kernels);
  });

  it("does not use ever more memory in 2,000 calls", async () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 3)).to("webgpu");
    const optimizer = adam(model.parameters());
    const step = compile((x: Tensor, y: Tensor) => {
      const loss = crossEntropy(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    const used: { live: number; total: number; heap: number }[] = [];
    for (let hundred = 0; hundred < 20; hundred++) {
      for (let i = 0; i < 100; i++) {
        const x = randn([8, 4]).to("webgpu");
        const loss = step(x, tensor([0, 1, 2, 0, 1, 2, 0, 1], { device: "webgpu" }));
        if (i % 20 === 19) await loss.itemAsync();
      }
      // The collector's findings arrive a little later.
      for (let i = 0; i < 3; i++) {
        gc();
        await new Promise((settle) => setTimeout(settle, 10));
      }
      const { liveBytes: live, pooledBytes } = memoryStats().devices.webgpu!;
      used.push({ live, total: live + pooledBytes, heap: process.memoryUsage().heapUsed });
    }
    const [, , third, ...rest] = used;
    for (const { live, total, heap } of rest) {
      expect(live).toBeLessThanOrEqual(third!.live + 64 * 1024);
      expect(total).toBeLessThanOrEqual(third!.total + 64 * 1024);
      expect(heap).toBeLessThanOrEqual(third!.heap + 8 * 2 ** 20);
    }
  });

  it("says at every read after it that an index is out of range", async () => {
    const x = randn([3, 4]).to("webgpu");
    const pick = compile((index: Tensor) => x.gather(1, index).mul(2).sum());
    const at = (...columns: number[]) =>
      pick(
        tensor(
          columns.map((c) => [c]),
          { dtype: "int32", device: "webgpu" },
        ),
      ).itemAsync();
    for (let i = 0; i < 3; i++) await at(0, 3, 1);
    for (let i = 0; i < 2; i++) {
      await expect(at(0, 4, 1)).rejects.toThrow(
        "gather: index 4 is not one of the 4 positions of the dimension",
      );
      expect(await at(2, 3, 1)).not.toBeNaN();
    }
  });

  it("is seen kernel by kernel by a profile", async () => {
    const step = demo();
    for (let i = 0; i < 3; i++) await step().itemAsync();
    const { kernels } = profile(step);
    expect(kernels.reduce((count, { calls }) => count + calls, 0)).toBeGreaterThan(5);
    const losses = [await step().itemAsync(), await step().itemAsync()];
    expect(losses[1]).toBeLessThan(losses[0]!);
  });

  it("waits for what is recorded before, and is waited for", async () => {
    const w = tensor([1, 2, 3], { device: "webgpu" });
    const doubled = compile((x: Tensor) => w.copy_(x.mul(2)).sum());
    const seen: number[] = [];
    for (let i = 1; i <= 4; i++) {
      const x = tensor([i, i, i], { device: "webgpu" }).add(w.mul(0)).add(1);
      doubled(x);
      seen.push(await w.sub(i).sum().itemAsync());
    }
    expect(seen).toEqual([1, 2, 3, 4].map((i) => 3 * (2 * (i + 1) - i)));
  });

  it("throws what other operations throw when the device is lost", async () => {
    const step = demo();
    for (let i = 0; i < 3; i++) await step().itemAsync();
    session!.destroy();
    await session!.lost;
    expect(() => step()).toThrow(
      "webgpu: the device was lost, it was destroyed; call initWebGPU() again, and create the tensors again",
    );
  });
});
