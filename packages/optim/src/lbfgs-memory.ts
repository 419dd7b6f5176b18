import { zerosLike } from "@thalweg/tensor";
import type { Search } from "./define-closure-optimizer";
import { addScaled, dot, scaled, type Vector } from "./lbfgs-vectors";
import type { ParameterState } from "./optimizer";
import type { Numbers } from "./rule";

/** Less curvature than this along a step counts as none. */
const leastCurvature = 1e-10;

/** Names of the tensors of a parameter for so many remembered pairs of step and change of gradient. */
export function* memoryNames({ iterations, pairs }: Numbers): Generator<string> {
  if (iterations === 0) return;
  yield* ["lastStep", "lastGrad"];
  for (let k = 0; k < pairs!; k++) yield* [`step${k}`, `change${k}`];
}

/** The error in counts from a file: they must be equal for all parameters. */
export function miscounted(numbers: Numbers, first: Numbers): string | undefined {
  const { iterations, evaluations, pairs, scale } = numbers as unknown as Counts;
  const names = Object.keys(numbers);
  const isWhole = [iterations, evaluations, pairs].every(
    (count) => Number.isSafeInteger(count) && count >= 0,
  );
  const isPossible = isWhole && scale > 0 && pairs <= iterations;
  if (isPossible && names.every((name) => numbers[name] === first[name])) return;
  return `the counts of iterations and pairs are wrong, ${names.map((name) => `${name} ${numbers[name]}`).join(", ")}`;
}

/** Numbers that all parameters have in common. */
interface Counts {
  iterations: number;
  evaluations: number;
  /** Number of remembered steps. */
  pairs: number;
  /** Scale of the initial inverse Hessian. */
  scale: number;
}

/**
 * The last steps and the changes of the gradient along them, which approximate the inverse of the Hessian. Kept in
 * the state of each parameter, scaled so that the product of step and change is 1.
 */
export class Memory {
  readonly numbers: Counts;
  private readonly states: readonly ParameterState[];

  constructor({ params, states }: Search) {
    this.states = states;
    const lead = states.find(({ numbers }) => numbers.iterations! > 0) ?? states[0]!;
    this.numbers = { ...lead.numbers } as unknown as Counts;
    states.forEach(({ numbers, tensors }, i) => {
      // A parameter that joins later has not moved before.
      if (numbers.iterations === lead.numbers.iterations) return;
      for (const name of Object.keys(lead.tensors)) tensors[name] = zerosLike(params[i]!);
    });
  }

  get(name: string): Vector {
    return this.states.map(({ tensors }) => tensors[name]!);
  }

  private set(name: string, vector: Vector): void {
    this.states.forEach(({ tensors }, i) => {
      tensors[name] = vector[i]!;
    });
  }

  /** Remembers what the next iteration learns from. */
  note(grads: Vector, direction: Vector, t: number): void {
    this.set("lastGrad", grads);
    this.set("lastStep", scaled(direction, t));
  }

  /** Adds the last step, if the loss curves upwards along it; drops the oldest when there are too many. */
  learn(grads: Vector, size: number): void {
    const last = this.get("lastGrad");
    const step = this.get("lastStep");
    const change = grads.map((grad, i) => grad.sub(last[i]!));
    const curvature = dot(change, step);
    if (!(curvature > leastCurvature)) return;
    const { pairs } = this.numbers;
    const kept = Math.min(pairs, size - 1);
    for (const { tensors } of this.states) {
      for (let k = 0; k < pairs; k++) {
        for (const kind of ["step", "change"]) {
          const moved = tensors[`${kind}${k + pairs - kept}`];
          if (k < kept) tensors[`${kind}${k}`] = moved!;
          else delete tensors[`${kind}${k}`];
        }
      }
    }
    const scale = 1 / Math.sqrt(curvature);
    this.set(`step${kept}`, scaled(step, scale));
    this.set(`change${kept}`, scaled(change, scale));
    this.numbers.pairs = kept + 1;
    this.numbers.scale = curvature / dot(change, change);
  }

  /** Minus the gradient, times the inverse of the Hessian. */
  direction(grads: Vector): Vector {
    const { pairs, scale } = this.numbers;
    const steps = Array.from({ length: pairs }, (_, k) => this.get(`step${k}`));
    const changes = Array.from({ length: pairs }, (_, k) => this.get(`change${k}`));
    const q = scaled(grads, -1);
    const shares = new Float64Array(pairs);
    for (let k = pairs - 1; k >= 0; k--) {
      shares[k] = dot(steps[k]!, q);
      addScaled(q, changes[k]!, -shares[k]!);
    }
    for (const piece of q) piece.mul_(scale);
    for (let k = 0; k < pairs; k++) addScaled(q, steps[k]!, shares[k]! - dot(changes[k]!, q));
    return q;
  }

  close(): void {
    for (const state of this.states) state.numbers = { ...this.numbers };
  }
}
