import { crossEntropy } from "@thalweg/losses";
import {
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  ConvTranspose2d,
  Flatten,
  LayerNorm,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from "@thalweg/nn";
import { SGD } from "@thalweg/optim";
import { manualSeed, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { session } from "./session";

function network(): Sequential {
  return new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    new BatchNorm2d(4),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(4, 6, 3, { stride: 2, padding: 1 }),
    new ConvTranspose2d(6, 2, 3, { stride: 2, padding: 1 }),
    new AvgPool2d(3, { stride: 2, padding: 1 }),
    new Flatten(),
    new LayerNorm(18),
    new Linear(18, 4),
  );
}

async function train(model: Sequential, x: Tensor, labels: Tensor): Promise<number[]> {
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const losses: number[] = [];
  for (let step = 0; step < 8; step++) {
    const loss = crossEntropy(model.forward(x), labels);
    losses.push(await loss.itemAsync());
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  }
  return losses;
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  Array.from(expected).forEach((value, i) => {
    expect(actual[i], `at ${i}`).toBeCloseTo(value, 3);
  });
}

describe.skipIf(session === null)("a convolutional network on WebGPU", () => {
  it("trains like the CPU, running statistics included", async () => {
    manualSeed(1);
    const [x, labels] = [randn([8, 1, 12, 12]), tensor([0, 1, 2, 3, 0, 1, 2, 3])];
    const [here, there] = [network(), network()];
    there.loadStateDict(here.stateDict());
    there.to("webgpu");
    const expected = await train(here, x, labels);
    expect(expected.at(-1)).toBeLessThan(expected[0]! / 2);
    expectClose(await train(there, x.to("webgpu"), labels.to("webgpu")), expected);
    const state = here.stateDict();
    for (const [name, value] of Object.entries(there.stateDict())) {
      expectClose(await value.data(), state[name]!.dataSync());
    }
  });
});
