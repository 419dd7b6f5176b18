import type { Tensor } from "@thalweg/tensor";
import { checkArguments, describe, tensorKind } from "@thalweg/tensor/internal";
import { DataError } from "../data-error";
import { prepareState } from "../prepare-state";
import { checkDistinct, inStep, type Preprocessor, prepared, preprocessor, restored } from "./preprocessor";
import { checkTable } from "./table";

/** The state of a {@link Pipeline}. */
export interface PipelineState {
  /** Name of the class. */
  readonly preprocessor: "Pipeline";
  /** The state of each step; null for steps without one. */
  readonly steps: readonly unknown[];
}

const takes = { x: tensorKind };

/**
 * Preprocessors one after the other: each learns from what those before it have prepared.
 *
 * @example
 * const pipeline = new Pipeline(new SimpleImputer(), new StandardScaler());
 * pipeline.fitTransform(tensor([[1], [NaN], [3]])).select(1, 0).mean().item(); // → 0
 * pipeline.transform(tensor([[NaN], [2]])).toArray(); // → [[0],[0]]
 */
export class Pipeline implements Preprocessor {
  /** The preprocessors, the first one first. */
  readonly steps: readonly Preprocessor[];

  /** @throws DataError when there are no steps, or one object is two of them. */
  constructor(...steps: readonly Preprocessor[]) {
    for (const step of steps) checkArguments("Pipeline", { "each step": preprocessor }, [step]);
    if (steps.length === 0) throw new DataError("Pipeline", "there are no steps", "pass at least one");
    checkDistinct("Pipeline", steps, "step");
    this.steps = [...steps];
  }

  /**
   * Has each step learn from the rows of a table, [rows, columns], as those before it have prepared them.
   *
   * @throws the error of a step, with its position; the steps before it have learned.
   */
  fit(x: Tensor): this {
    this.learn("Pipeline.fit", x);
    return this;
  }

  /**
   * Prepares the rows of a table by each step in turn: [rows, columns] -> [rows, results].
   *
   * @throws the error of a step, with its position.
   */
  transform(x: Tensor): Tensor {
    const op = "Pipeline.transform";
    checkTensor(op, x);
    return this.steps.reduce((rows, step, k) => inStep(op, `step ${k}`, () => prepared(step, rows)), x);
  }

  /** Learns from a table and prepares it: `fit(x).transform(x)`. */
  fitTransform(x: Tensor): Tensor {
    const op = "Pipeline.fitTransform";
    const last = this.steps.at(-1)!;
    const rows = this.learn(op, x);
    return inStep(op, `step ${this.steps.length - 1}`, () => prepared(last, rows));
  }

  /**
   * The rows that were prepared, by the inverses of the steps, the last one first: [rows, results] -> [rows, columns].
   *
   * @throws DataError when a step has no inverse.
   * @throws the error of a step, with its position.
   */
  inverseTransform(x: Tensor): Tensor {
    const op = "Pipeline.inverseTransform";
    checkTensor(op, x);
    return this.steps.reduceRight((rows, step, k) => inStep(op, `step ${k}`, () => restored(step, rows)), x);
  }

  /** The states of the steps. */
  stateDict(): PipelineState {
    return { preprocessor: "Pipeline", steps: this.steps.map((step) => step.stateDict?.() ?? null) };
  }

  /**
   * Replaces what the steps have learned.
   *
   * @throws DataError when the state of a step does not fit, with nothing changed.
   */
  loadStateDict(state: PipelineState): void {
    this.prepareLoad(state)();
  }

  /**
   * The first half of {@link loadStateDict}: checks everything, and changes nothing.
   *
   * @returns the other half; it cannot fail
   * @throws as {@link loadStateDict}
   */
  prepareLoad(state: PipelineState): () => void {
    const op = "Pipeline.loadStateDict";
    const { preprocessor, steps } = Object(state) as Partial<PipelineState>;
    if (preprocessor !== "Pipeline" || !Array.isArray(steps)) {
      throw new DataError(op, `it is the state of ${describe(preprocessor)}`, "take that of a Pipeline");
    }
    return prepareSteps(op, "step", this.steps, steps);
  }

  /** Has the steps learn; returns what the last one has learned from. */
  private learn(op: string, x: Tensor): Tensor {
    checkTensor(op, x);
    return this.steps.reduce((rows, step, k) => {
      const before = this.steps[k - 1];
      const own = before === undefined ? rows : inStep(op, `step ${k - 1}`, () => prepared(before, rows));
      inStep(op, `step ${k}`, () => step.fit(own));
      return own;
    }, x);
  }
}

function checkTensor(op: string, x: Tensor): void {
  checkArguments(op, takes, [x]);
  checkTable(op, x);
}

/** Checks the states of steps; returns a function that loads all of them. */
export function prepareSteps(
  op: string,
  what: string,
  steps: readonly Preprocessor[],
  states: readonly unknown[],
): () => void {
  if (states.length !== steps.length) {
    const problem = `the number of ${what}s is ${states.length}, and here ${steps.length}`;
    throw new DataError(op, problem, "make it as it was when it was saved");
  }
  const loads = steps.map((step, k) => inStep(op, `${what} ${k}`, () => prepareState(step, states[k])));
  return () => {
    for (const load of loads) load();
  };
}
