/** The ways in which a map reads or writes an operand. */
export const Access = {
  /** No access to memory: an input that is a number, or an output whose tensor was disposed of. */
  none: 0,
  /** One element for all. */
  single: 1,
  /** Contiguous elements. */
  dense: 2,
  /** Elements at strides. */
  strided: 3,
  /** The same element for all four neighbours. */
  repeated: 4,
  /** Four contiguous elements, at a multiple of four. */
  row: 5,
} as const;
export type Access = (typeof Access)[keyof typeof Access];
