/** Walkers that start together. */
export const crowd = 200;

/** The learning rates that are compared. */
export const ratesCompared = [0.05, 0.1, 0.2, 0.4, 0.8] as const;
