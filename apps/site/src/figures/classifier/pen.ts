/** What a click on the plot does: it adds a point of a class, or removes the nearest one. */
export const pens = ["0", "1", "remove"] as const;

/** What a click on the plot does. */
export type Pen = (typeof pens)[number];
