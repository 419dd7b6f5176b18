import { Generator, linspace, noGrad, rand, randn, SGD, type Tensor, tensor } from "thalweg";
import type { Point } from "../frame/use-url-state";
import { type BatchSize, examples, longest } from "./layout";

/** The wave behind the data, and the error of each measurement. */
const truth = { frequency: 2.2, phase: 0.6, error: 0.3 } as const;

/** What the wave is fitted to. Its errors are the same for everybody. */
export const data = /* @__PURE__ */ (() => {
  const x = linspace(-2, 2, examples);
  const error = randn([examples], { generator: new Generator(7) }).mul(truth.error);
  return { x, y: x.mul(truth.frequency).add(truth.phase).sin().add(error) };
})();

/**
 * How badly each wave fits each example.
 *
 * @param waves frequency and phase of each, [waves, 2]
 * @param x where the examples are, [waves or 1, examples]
 * @param y what was measured there, of the same shape
 * @returns the squared misses, [waves, examples]
 */
export function misses(waves: Tensor, x: Tensor, y: Tensor): Tensor {
  const [frequency, phase] = waves.unbind(1) as [Tensor, Tensor];
  return frequency.unsqueeze(1).mul(x).add(phase.unsqueeze(1)).sin().sub(y).square();
}

/** The loss of each wave over all examples. */
export function lossOf(waves: Tensor): Tensor {
  return misses(waves, data.x.unsqueeze(0), data.y.unsqueeze(0)).mean(1);
}

/** Orders of all examples, another one in each row. */
export function shuffled(rows: number, generator: Generator): Tensor {
  return rand([rows, examples], { generator }).sort(1).indices;
}

/** What a crowd of walkers does at each step. */
export interface CrowdStep {
  /** The places before the step, [walkers, 2]. */
  readonly walkers: Tensor;
  /** The slopes of each walker's batch there, [walkers, 2]. */
  readonly slopes: Tensor;
}

/**
 * Walks with gradient descent. Each walker shuffles the examples, takes one batch after the other, and shuffles them
 * again when they are used up.
 */
export function walkInBatches(
  starts: readonly Point[],
  batch: BatchSize,
  rate: number,
  seed: number,
  watch: (step: CrowdStep) => void = () => {},
): Tensor {
  const generator = new Generator(seed);
  const count = starts.length;
  const walkers = tensor(
    starts.map((start) => [...start]),
    { requiresGrad: true },
  );
  const optimizer = new SGD([walkers], { lr: rate });
  const perEpoch = examples / batch;
  let order = shuffled(count, generator);
  for (let step = 0; step < longest; step++) {
    if (step > 0 && step % perEpoch === 0) order = shuffled(count, generator);
    const chosen = order.narrow(1, (step % perEpoch) * batch, batch).reshape([-1]);
    const [x, y] = [data.x, data.y].map((all) => all.indexSelect(0, chosen).reshape([count, batch])) as [
      Tensor,
      Tensor,
    ];
    optimizer.zeroGrad();
    misses(walkers, x, y).mean(1).sum().backward();
    watch({ walkers, slopes: walkers.grad! });
    optimizer.step();
  }
  return walkers;
}

/** Steps, and their rate, with which all data lead any walker to the bottom of its valley. */
const settling = { steps: 150, rate: 0.15 } as const;

/** The losses at the bottoms of the valleys in which walkers are. */
export function settle(walkers: Tensor): number[] {
  const settled = walkers.detach().clone();
  settled.requiresGrad = true;
  const optimizer = new SGD([settled], { lr: settling.rate });
  for (let step = 0; step < settling.steps; step++) {
    optimizer.zeroGrad();
    lossOf(settled).sum().backward();
    optimizer.step();
  }
  return [...noGrad(() => lossOf(settled)).dataSync()];
}

/** The loss at the bottom of the valley of the wave that the data were made from: the deepest. */
export function deepest(): number {
  return settle(tensor([[truth.frequency, truth.phase]]))[0]!;
}
