import { Tensor, ThalwegError } from "@thalweg/tensor";
import { describe, type Kind, kind } from "@thalweg/tensor/internal";
import { DataError } from "../data-error";

/**
 * Prepares the columns of tables, in a way that it learns from some rows. Any object with `fit` and `transform` is one, and can
 * be a step of a {@link Pipeline} or a part of a {@link ColumnTransformer}.
 *
 * @example
 * const logarithm: Preprocessor = {
 *   fit: () => {}, // learns nothing
 *   transform: (x) => x.log2(),
 *   inverseTransform: (x) => x.exp2(),
 * };
 * const pipeline = new Pipeline(logarithm, new MinMaxScaler());
 * pipeline.fitTransform(tensor([[1], [4], [16]])).toArray(); // → [[0],[0.5],[1]]
 */
export interface Preprocessor {
  /** Learns from rows: [rows, columns]. */
  fit(x: Tensor): unknown;
  /** Prepares rows: [rows, columns] -> [rows, results]. */
  transform(x: Tensor): Tensor;
  /** The rows that were prepared: [rows, results] -> [rows, columns]; left out where there is no way back. */
  inverseTransform?(x: Tensor): Tensor;
  /** What it has learned, in values that a checkpoint can hold; left out if it learns nothing. */
  stateDict?(): unknown;
  /** Checks a state without changing anything; returns a function that loads it and must not throw. */
  prepareLoad?(state: never): () => unknown;
}

const methods = ["inverseTransform", "stateDict", "prepareLoad"] as const;

/** The argument for a preprocessor. */
export const preprocessor: Kind = {
  ...kind("a preprocessor", (value) => {
    const { fit, transform, stateDict, prepareLoad, ...others } = membersOf(value);
    return (
      [fit, transform].every((type) => type === "function") &&
      stateDict === prepareLoad &&
      [stateDict, others.inverseTransform].every((type) => type === "function" || type === "undefined")
    );
  }),
  explain: (op, value) =>
    new DataError(
      op,
      `a preprocessor needs fit(x) and transform(x), and stateDict() and prepareLoad(state) both or neither, got ${describe(value)}`,
      "new StandardScaler() is one",
    ),
};

/** The types of the members that count. */
function membersOf(value: unknown) {
  const members = Object(value) as Partial<Preprocessor>;
  const names = ["fit", "transform", ...methods] as const;
  return Object.fromEntries(names.map((name) => [name, typeof members[name]])) as Record<
    (typeof names)[number],
    string
  >;
}

/** Throws if one preprocessor is listed twice: it would forget what it learned first. */
export function checkDistinct(op: string, steps: readonly Preprocessor[], what: string): void {
  const twice = steps.findIndex((step, k) => steps.indexOf(step) !== k);
  if (twice === -1) return;
  const problem = `${what}s ${steps.indexOf(steps[twice]!)} and ${twice} are the same object`;
  throw new DataError(op, problem, "make one for each");
}

/** Runs a method of a step; errors carry the name of what was called, and the place of the step. */
export function inStep<T>(op: string, place: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error;
    const { message, stack } = error;
    const own = `${op}: ${place}, ${message.slice(error.op.length + 2)}`;
    throw Object.assign(error, { op, message: own, stack: stack?.replace(message, own) });
  }
}

/** The rows that a step has prepared. */
export function prepared(step: Preprocessor, x: Tensor): Tensor {
  return checked("transform", step.transform(x));
}

/** The rows that a step had been given. */
export function restored(step: Preprocessor, x: Tensor): Tensor {
  if (step.inverseTransform !== undefined) return checked("inverseTransform", step.inverseTransform(x));
  throw new DataError("inverseTransform", "there is no way back", "give it an inverseTransform");
}

function checked(method: string, result: unknown): Tensor {
  if (result instanceof Tensor) return result;
  throw new DataError(method, `it returns ${describe(result)}`, "return a tensor");
}
