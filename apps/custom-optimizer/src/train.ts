import { binaryCrossEntropyWithLogits } from "@thalweg/losses";
import { type Layer, Linear, Sequential, Tanh } from "@thalweg/nn";
import { OneCycleLR } from "@thalweg/optim";
import { manualSeed, type Tensor } from "@thalweg/tensor";
import type { Spirals } from "./spirals";

/** As much of an optimizer as training needs. */
interface Optimizer {
  readonly paramGroups: readonly { lr: number }[];
  zeroGrad(): void;
  step(): void;
}

/** How training went. */
export interface Run {
  readonly model: Layer;
  /** The loss before each step. */
  readonly losses: readonly number[];
  /** Share of the points that are told right in the end. */
  readonly accuracy: number;
}

/** Tells spirals apart, with two hidden layers: [batch, 2] -> [batch, 1]. */
function network(): Layer {
  return new Sequential(new Linear(2, 32), new Tanh(), new Linear(32, 32), new Tanh(), new Linear(32, 1));
}

/**
 * Trains on all points at once, always from the same start. The rate rises to that of the optimizer, and falls.
 *
 * @param device where: `"cpu"`, or `"webgpu"` when that was initialised
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
    // The device gets its turn.
    if (step % 20 === 19) await losses.at(-1);
  }
  const accuracy = await model.forward(x).detach().gt(0).eq(y).to("float32").mean().itemAsync();
  return { model, losses: await Promise.all(losses), accuracy };
}
