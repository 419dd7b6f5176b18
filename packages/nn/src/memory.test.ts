import "@thalweg/autograd";
import { conv2d, convTranspose2d, memoryStats, randn, type Tensor } from "@thalweg/tensor";
import { expect, it } from "vitest";
import {
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  GroupNorm,
  type Layer,
  LayerNorm,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  Tanh,
} from "./index";

/** The number of large tensors that one training step leaves behind, apart from gradients. */
function leftBy(model: Sequential, x = randn([64, 8, 8])): number {
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

it("leaves nothing behind but its results", () => {
  expect(leftBy(new Sequential(...layers()))).toBe(0);
  const nested = new Sequential(new Sequential(...layers()), new Dropout(0.1), new Tanh());
  expect(leftBy(nested)).toBe(0);
});

it("frees the scratch memory of a convolution", () => {
  const [x, w] = [randn([4, 8, 16, 16]), randn([8, 8, 3, 3])];
  conv2d(x, w, { padding: 1 });
  const before = memoryStats().heapTensors;
  conv2d(x, w, { padding: 1 });
  expect(memoryStats().heapTensors - before).toBe(1);
  convTranspose2d(x, w, { stride: 2 });
  expect(memoryStats().heapTensors - before).toBe(2);
});

it("leaves nothing of images behind either", () => {
  const model = new Sequential(
    new Conv2d(2, 8, 3, { padding: 1 }),
    new BatchNorm2d(8),
    new ReLU(),
    new MaxPool2d(2, { padding: 1, stride: 1 }),
    new Conv2d(8, 4, 3, { stride: 2, padding: 1 }),
    new GroupNorm(2, 4),
    new AvgPool2d(3, { padding: 1, stride: 1, countIncludePad: false }),
    new Flatten(),
    new LayerNorm(100),
    new Linear(100, 4),
  );
  expect(leftBy(model, randn([32, 2, 8, 8]))).toBe(0);
});

it("does not free what a user's layer may have kept", () => {
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
