/** How a map comes by an operand: a number, one element for all, elements in a row, or from here and there. */
export const Access = { number: 0, single: 1, dense: 2, strided: 3 } as const;
export type Access = (typeof Access)[keyof typeof Access];
