import "@thalweg/autograd";
import { memoryStats, randn, type Tensor } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { Dropout, Flatten, type Layer, Linear, ReLU, Sequential, Tanh } from "./index";

/** Large tensors that one step of training leaves behind, apart from gradients. */
function leftBy(model: Sequential): number {
  const x = randn([64, 8, 8]);
  const step = () => {
    const y = model.forward(x);
    y.square().sum().backward();
    for (const parameter of model.parameters()) parameter.grad = null;
  };
  step();
  const before = memoryStats().heapTensors;
  step();
  return memoryStats().heapTensors - before;
}

const layers = (): Layer[] => [new Flatten(), new Linear(64, 128), new ReLU(), new Linear(128, 4)];

it("leaves nothing behind but what was given out", () => {
  expect(leftBy(new Sequential(...layers()))).toBe(0);
  const nested = new Sequential(new Sequential(...layers()), new Dropout(0.1), new Tanh());
  expect(leftBy(nested)).toBe(0);
});

it("leaves alone what a layer of someone else may have kept", () => {
  const seen: Tensor[] = [];
  class Spy extends Linear {
    override forward(x: Tensor): Tensor {
      seen.push(x);
      return super.forward(x);
    }
  }
  const model = new Sequential(new Linear(64, 128), new ReLU(), new Spy(128, 4));
  model
    .forward(randn([64, 64]))
    .sum()
    .backward();
  expect(seen[0]!.dataSync()).toHaveLength(64 * 128);

  const patched = new ReLU();
  patched.forward = (x) => {
    seen.push(x);
    return x.relu();
  };
  new Sequential(new Linear(64, 128), patched).forward(randn([64, 64]));
  expect(seen[1]!.dataSync()).toHaveLength(64 * 128);
});
