/** The names of the examples. */
export type ExampleName = "sum" | "network";

/** A calculation that ends in a loss. */
export interface Example {
  /** Names of its numbers. */
  readonly names: readonly string[];
  readonly initial: readonly number[];
  /** Operations of its graph. */
  readonly operations: number;
}

/** The calculations of the figures. */
export const examples: Readonly<Record<ExampleName, Example>> = {
  sum: { names: ["w", "x", "y"], initial: [1, 2, 3], operations: 4 },
  network: {
    names: ["x", "w₁", "w₂", "v₁", "v₂", "t"],
    initial: [1, 0.5, -1, 1.5, 0.5, 1],
    operations: 9,
  },
};
