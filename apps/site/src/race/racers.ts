/** The optimizers that race, in the order of their numbers, which begin with 1. */
export const racerNames = [
  "sgd",
  "momentum",
  "nesterov",
  "adagrad",
  "adadelta",
  "rmsprop",
  "adam",
  "adamw",
  "adamax",
  "nadam",
  "radam",
  "lamb",
  "lion",
  "muon",
  "lbfgs",
  "yours",
] as const;

/** The name of an optimizer in a race. */
export type RacerName = (typeof racerNames)[number];

/** Those that the library has. */
export type BuiltInName = Exclude<RacerName, "yours">;

/** The landscapes of the race. */
export const courses = [
  "bowl",
  "ravine",
  "saddle",
  "rosenbrock",
  "beale",
  "himmelblau",
  "rastrigin",
] as const;

/** The name of a landscape of the race. */
export type CourseName = (typeof courses)[number];

/** Steps of a race. */
export const longest = 300;

/** A loss as small as this is the goal. */
export const tolerance = 1e-3;

const tones = 8;

/** How the path of a racer is drawn: no two are alike. */
export function lookOf(name: RacerName): {
  readonly number: number;
  readonly color: string;
  readonly isDashed: boolean;
} {
  const i = racerNames.indexOf(name);
  return { number: i + 1, color: `--figure-${(i % tones) + 1}`, isDashed: i >= tones };
}
