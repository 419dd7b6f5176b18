import {
  apply,
  defaultGenerator,
  type GeneratorState,
  type Input,
  type Op,
  type Tensor,
} from "@thalweg/tensor";
import { enableGrad, mode, noGrad } from "./mode";
import { allBits } from "./node";
import { spy } from "./tape";
import { walk } from "./walk";

/**
 * Runs `body` without keeping what its gradient needs, and runs it again during `backward`: time for
 * memory. Tensors that the body reads besides its inputs (parameters) get their gradients as well, and random numbers
 * of the default generator are the same both times.
 *
 * @example
 * const w = tensor([2], { requiresGrad: true });
 * checkpoint((x: Tensor) => x.mul(w).exp(), tensor([0.5])).sum().backward();
 * w.grad!.item().toFixed(4); // → "1.3591"
 */
export function checkpoint<Inputs extends Tensor[]>(
  body: (...inputs: Inputs) => Tensor,
  ...inputs: Inputs
): Tensor {
  const state = defaultGenerator.getState();
  const outer = spy.seen;
  const seen = new Set<Tensor>();
  spy.seen = seen;
  let result: Tensor;
  try {
    result = noGrad(() => body(...inputs));
  } finally {
    spy.seen = outer;
  }
  // What the body read from outside is an input, too: so it keeps its place in the graph.
  if (result.requiresGrad) seen.add(result);
  const captured = [...seen].filter((x) => !inputs.includes(x));
  // A result that is an input must not take over that input's history.
  if (result.requiresGrad || inputs.includes(result)) result = result.detach();
  const op: Op<void> = {
    name: "checkpoint",
    kind: "opaque",
    differentiable: true,
    shape: () => result.shape,
    forward: () => result,
    saves: (_, count) => allBits(count),
    gradient({ grad, inputs: saved, needs }) {
      const all = saved as Tensor[];
      const again = replay(state, () => body(...(all.slice(0, inputs.length) as Inputs)));
      const targets = [...new Set(all.filter((_, i) => needs(i)))];
      const options = { createGraph: mode.recording, retainGraph: false, targets, stopAtTargets: true };
      const found = walk([again], [grad], options);
      // A tensor that was given twice gets the whole of its gradient once.
      return all.map((x, i) => (all.indexOf(x) === i ? (found[targets.indexOf(x)] ?? null) : null));
    },
  };
  return apply(op, [...inputs, ...captured] as Input[], undefined);
}

/** Runs `body` with recording on, and with the random numbers that it had before. */
function replay(state: GeneratorState, body: () => Tensor): Tensor {
  const now = defaultGenerator.getState();
  defaultGenerator.setState(state);
  try {
    return enableGrad(body);
  } finally {
    defaultGenerator.setState(now);
  }
}
