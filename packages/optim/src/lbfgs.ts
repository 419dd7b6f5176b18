import { copyOf } from "@thalweg/tensor/internal";
import { defineClosureOptimizer, type Evaluation, type Search } from "./define-closure-optimizer";
import { Memory, memoryNames, miscounted } from "./lbfgs-memory";
import { addScaled, assign, dot, largestSize, sumOfSizes, type Vector } from "./lbfgs-vectors";
import type { Optimizer, OptimizerClass } from "./optimizer";
import { type Point, strongWolfe } from "./strong-wolfe";

/** Options of {@link LBFGS}. */
export interface LBFGSOptions {
  /** Length of the step along the direction, or where the line search starts; 1 unless given. */
  lr: number;
  /** Iterations within one `step`, at most; 20 unless given. */
  maxIter: number;
  /** Approximate limit of evaluations of the closure within one `step`; 1.25·maxIter where null; null unless given. */
  maxEval: number | null;
  /** A gradient whose elements are all this small counts as a minimum; 1e-7 unless given. */
  toleranceGrad: number;
  /** A change of parameters or loss this small ends a step; 1e-9 unless given. */
  toleranceChange: number;
  /** Number of last steps that the curvature is estimated from; 100 unless given. */
  historySize: number;
  /** The search for the length of a step: `"strongWolfe"`, or `lr` itself where null; null unless given. */
  lineSearchFn: "strongWolfe" | null;
}

/** An optimizer made by {@link LBFGS:var}. */
export interface LBFGS extends Optimizer<LBFGSOptions> {}

/**
 * The limited-memory quasi-Newton method (Liu and Nocedal, 1989), step by step as in PyTorch. Each
 * `step(closure)` does up to `maxIter` iterations; the closure clears the gradients, computes the loss, calls
 * `backward` and returns the loss. For problems without noise, with all of the data at once. On the CPU only, since
 * its decisions depend on numbers that it reads.
 *
 * @throws ThalwegError when `step` gets no closure, or parameters come in several groups.
 * @example
 * const w = tensor([-1, 2], { requiresGrad: true });
 * const optimizer = new LBFGS([w], { lineSearchFn: "strongWolfe", maxIter: 50 });
 * const rosenbrock = () => {
 *   optimizer.zeroGrad();
 *   const [x, y] = w.unbind(0) as [Tensor, Tensor];
 *   const loss = x.sub(1).square().add(y.sub(x.square()).square().mul(100));
 *   loss.backward();
 *   return loss;
 * };
 * optimizer.step(rosenbrock);
 * rosenbrock().item() < 1e-6; // → true
 */
export const LBFGS: OptimizerClass<LBFGSOptions, LBFGS> = /* @__PURE__ */ defineClosureOptimizer({
  name: "lbfgs",
  className: "LBFGS",
  options: {
    lr: 1,
    maxIter: 20,
    maxEval: null,
    toleranceGrad: 1e-7,
    toleranceChange: 1e-9,
    historySize: 100,
    lineSearchFn: [null, "strongWolfe"],
  },
  limits: {
    lr: { min: 0 },
    maxIter: { min: 1, whole: true },
    maxEval: { min: 1, whole: true },
    toleranceGrad: { min: 0 },
    toleranceChange: { min: 0 },
    historySize: { min: 1, whole: true },
  },
  fits: ({ device }) =>
    device === "cpu" ? undefined : `is on ${device}, where numbers cannot be read at once`,
  numbers: { iterations: 0, evaluations: 0, pairs: 0, scale: 1 },
  validateNumbers: miscounted,
  state: memoryNames,
  search: minimize,
});

function minimize(search: Search, options: LBFGSOptions): void {
  const { params, start } = search;
  const { lr, maxIter, toleranceGrad, toleranceChange, historySize, lineSearchFn } = options;
  const maxEval = options.maxEval ?? Math.floor((maxIter * 5) / 4);
  const memory = new Memory(search);
  const { numbers } = memory;
  let evaluations = 1;
  const evaluate = (): Evaluation => {
    evaluations++;
    return search.evaluate();
  };
  let { loss, grads } = start;
  if (!(largestSize(grads) <= toleranceGrad)) {
    for (let iteration = 1; ; iteration++) {
      numbers.iterations++;
      if (numbers.iterations > 1) memory.learn(grads, historySize);
      const direction = memory.direction(grads);
      const before = { loss, grads };
      let t = numbers.iterations === 1 ? Math.min(1, 1 / sumOfSizes(grads)) * lr : lr;
      const slope = dot(grads, direction);
      if (slope > -toleranceChange) {
        memory.note(grads, direction, t);
        break;
      }
      if (lineSearchFn === null) {
        addScaled(params, direction, t);
        // The gradient at the end is the first thing that the next step needs.
        if (iteration !== maxIter) ({ loss, grads } = evaluate());
      } else {
        const found = lineSearch(params, direction, { t: 0, loss, grads, slope }, t, evaluate);
        ({ t, loss, grads } = found);
        addScaled(params, direction, t);
      }
      memory.note(before.grads, direction, t);
      if (iteration === maxIter || evaluations >= maxEval) break;
      if (largestSize(grads) <= toleranceGrad) break;
      if (largestSize(memory.get("lastStep")) <= toleranceChange) break;
      if (Math.abs(loss - before.loss) < toleranceChange) break;
    }
  }
  numbers.evaluations += evaluations;
  memory.close();
}

/** Searches for the length of a step; leaves the parameters where they are. */
function lineSearch(
  params: Vector,
  direction: Vector,
  start: Point,
  first: number,
  evaluate: () => Evaluation,
): Point {
  const origin = params.map(copyOf);
  return strongWolfe(direction, start, first, (t) => {
    addScaled(params, direction, t);
    const found = evaluate();
    assign(params, origin);
    return found;
  });
}
