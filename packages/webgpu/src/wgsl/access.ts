/** How a map comes by an operand. */
export const Access = {
  /** Not at all: an input is a number, which is an argument, and nobody wants the output any more. */
  none: 0,
  /** One element for all. */
  single: 1,
  /** Elements one after another. */
  dense: 2,
  /** Elements from here and there. */
  strided: 3,
  /** Of four neighbours, of which a thread does all: the same element. */
  repeated: 4,
  /** Of four neighbours: one after another, at a multiple of four. */
  row: 5,
} as const;
export type Access = (typeof Access)[keyof typeof Access];
