/** Steps of a walk that goes well. */
export const longest = 100;

/** The rates of the slider. */
export const rates = { least: 0.001, most: 4 } as const;
