import type { Trace } from "./program";

/** What is known after some steps. */
export interface Progress {
  /** Whether each box has its value. */
  readonly hasValue: readonly boolean[];
  /** The parts of its gradient that each box has got; null before it has got any. */
  readonly parts: readonly (readonly number[] | null)[];
  /** Whether each box has its whole gradient. */
  readonly hasGradient: readonly boolean[];
  /** Whether something has come back along each arrow. */
  readonly isUsed: readonly boolean[];
  /** The operation that the last step has done. */
  readonly active: number | null;
  readonly phase: "start" | "forward" | "seed" | "backward";
}

/** Steps of a graph: each operation forward, the gradient of the loss by itself, each operation backward. */
export function countSteps(operations: number): number {
  return 2 * operations + 1;
}

/** What is known after `step` steps. */
export function progressAt({ boxes, arrows }: Trace, step: number): Progress {
  const operations = boxes.flatMap(({ isOperation }, i) => (isOperation ? [i] : []));
  const forward = new Set(operations.slice(0, step));
  const back = step - operations.length - 1;
  const reversed = operations.toReversed();
  const done = new Set(reversed.slice(0, Math.max(0, back)));
  const isUsed = arrows.map(({ to }) => done.has(to));
  const parts = boxes.map((_, i): readonly number[] | null => {
    if (i === reversed[0]) return back >= 0 ? [boxes[i]!.gradient] : null;
    const found = arrows.filter(({ from }, k) => from === i && isUsed[k]).map(({ part }) => part);
    return found.length > 0 ? found : null;
  });
  return {
    hasValue: boxes.map(({ isOperation }, i) => !isOperation || forward.has(i)),
    parts,
    hasGradient: boxes.map(
      (_, i) => parts[i] !== null && arrows.every(({ from }, k) => from !== i || isUsed[k]!),
    ),
    isUsed,
    active:
      back > 0 ? reversed[back - 1]! : back === 0 ? reversed[0]! : step > 0 ? operations[step - 1]! : null,
    phase: step === 0 ? "start" : back > 0 ? "backward" : back === 0 ? "seed" : "forward",
  };
}
