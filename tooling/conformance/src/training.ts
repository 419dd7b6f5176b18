import { crossEntropy, mseLoss } from "@thalweg/losses";
import { Linear, ReLU, Sequential, type Tanh } from "@thalweg/nn";
import { Generator, manualSeed, randn, type Tensor, tensor } from "@thalweg/tensor";
import { ScalarReader } from "@thalweg/tensor/webgpu";

/** The part of an optimizer that a loop needs. */
export interface Optimizer {
  zeroGrad(): void;
  step(): void;
}

/** Losses of all steps, read without waiting for each. */
export async function train(steps: number, loss: () => Tensor, optimizer: Optimizer): Promise<number[]> {
  const reader = new ScalarReader();
  const losses: Promise<number>[] = [];
  for (let step = 0; step < steps; step++) {
    const value = loss();
    optimizer.zeroGrad();
    value.backward();
    optimizer.step();
    losses.push(reader.push(value));
    if (step % 20 === 19) await new Promise((settle) => setTimeout(settle));
  }
  await reader.flush();
  return Promise.all(losses);
}

export type Make = (params: Iterable<Tensor>) => Optimizer;

/** A straight line through four points. */
export function line(device: string, make: Make): Promise<number[]> {
  const [x, y] = [
    [[1], [2], [3], [4]],
    [[3], [5], [7], [9]],
  ].map((rows) => tensor(rows, { device }));
  const model = new Linear(1, 1);
  model.weight.detach().fill_(0);
  model.bias!.detach().fill_(0);
  model.to(device);
  return train(100, () => mseLoss(model.forward(x!), y!), make(model.parameters()));
}

/** A multilayer perceptron that finds the largest of three numbers. */
export function classifier(
  device: string,
  make: Make,
  Activation: typeof ReLU | typeof Tanh = ReLU,
): Promise<number[]> {
  manualSeed(7);
  const model = new Sequential(
    new Linear(3, 24),
    new Activation(),
    new Linear(24, 16),
    new ReLU(),
    new Linear(16, 3),
  );
  const inputs = randn([32, 3], { generator: new Generator(3) });
  const targets = inputs.argmax(1).to(device);
  const x = inputs.to(device);
  model.to(device);
  return train(60, () => crossEntropy(model.forward(x), targets), make(model.parameters()));
}
