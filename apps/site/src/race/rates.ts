import { type CourseName, courses, type RacerName } from "./racers";

/**
 * The rates with which the racers begin: of 1, 2 and 5 in each decade those that brought them down fastest within a race, without
 * a schedule. In the order of the landscapes.
 */
const suited: Readonly<Record<RacerName, readonly number[]>> = {
  sgd: [1, 0.05, 0.5, 0.002, 0.02, 0.01, 0.005],
  momentum: [0.2, 0.02, 0.5, 0.002, 0.005, 0.005, 0.001],
  nesterov: [0.5, 0.05, 0.5, 0.001, 0.01, 0.005, 0.002],
  adagrad: [1, 1, 1, 1, 1, 1, 0.2],
  adadelta: [5, 5, 5, 20, 5, 20, 2],
  rmsprop: [0.1, 0.1, 0.1, 0.2, 0.2, 0.02, 0.2],
  adam: [0.5, 0.5, 0.5, 0.5, 0.2, 0.5, 0.2],
  adamw: [0.5, 0.5, 0.2, 0.5, 0.5, 0.5, 0.2],
  adamax: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.2],
  nadam: [0.5, 0.5, 0.1, 0.2, 0.1, 0.1, 0.05],
  radam: [0.2, 0.1, 0.5, 0.005, 0.005, 0.05, 0.005],
  lamb: [0.5, 0.5, 0.02, 0.2, 0.1, 0.01, 0.5],
  lion: [0.1, 0.1, 0.02, 0.01, 0.1, 0.05, 0.02],
  muon: [0.2, 0.05, 0.02, 0.02, 0.5, 0.05, 0.1],
  lbfgs: [1, 1, 1, 1, 1, 1, 1],
  yours: [0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05],
};

/** The rates that may be chosen. */
export const rateLimits = { least: 1e-4, most: 50 } as const;

/** The rate of a racer, unless the reader chooses another. */
export function suitedRate(name: RacerName, course: CourseName): number {
  return suited[name][courses.indexOf(course)]!;
}
