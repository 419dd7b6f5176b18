/** The width of the plot of a map, in the units of its drawing, and the room around it. */
export const mapSide = 400;
export const mapMargin = { left: 34, top: 26, right: 8, bottom: 40 } as const;
