/** Steps of a walk. */
export const longest = 200;

/** Walkers whose mean loss is drawn. */
export const crowd = 100;
