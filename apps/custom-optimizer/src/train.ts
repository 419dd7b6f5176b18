import { binaryCrossEntropyWithLogits } from "@thalweg/losses";
import { type Layer, Linear, Sequential, Tanh } from "@thalweg/nn";
import { OneCycleLR } from "@thalweg/optim";
import { manualSeed, type Tensor } from "@thalweg/tensor";
import type { Spirals } from "./spirals";

/** The part of an optimizer that training needs. */
interface Optimizer {
  readonly paramGroups: readonly { lr: number }[];
  zeroGrad(): void;
  step(): void;
}

/** The result of training. */
export interface Run {
  readonly model: Layer;
  /** The loss before each step. */
  readonly losses: readonly number[];
  /** Share of the points that are classified correctly in the end. */
  readonly accuracy: number;
}

/** A network that separates spirals, with two hidden layers: [batch, 2] -> [batch, 1]. */
function network(): Layer {
  return new Sequential(new Linear(2, 32), new Tanh(), new Linear(32, 32), new Tanh(), new Linear(32, 1));
}

/**
 * Trains on all points at once, always from the same start. The rate rises to the optimizer's, then falls.
 *
 * @param device `"cpu"`, or `"webgpu"` if it was initialised
 */
export async function train(
  { points, labels }: Spirals,
  make: (params: Iterable<Tensor>) => Optimizer,
  steps: number,
  device = "cpu",
): Promise<Run> {
  manualSeed(7);
  const model = network();
  model.to(device);
  const [x, y] = [points.to(device), labels.to(device)];
  const optimizer = make(model.parameters());
  const maxLr = optimizer.paramGroups[0]!.lr;
  const scheduler = new OneCycleLR(optimizer, { maxLr, totalSteps: steps, cycleMomentum: false });
  const losses: Promise<number>[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = binaryCrossEntropyWithLogits(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    scheduler.step();
    losses.push(loss.itemAsync());
    // Lets the device catch up.
    if (step % 20 === 19) await losses.at(-1);
  }
  const accuracy = await model.forward(x).detach().gt(0).eq(y).to("float32").mean().itemAsync();
  return { model, losses: await Promise.all(losses), accuracy };
}
