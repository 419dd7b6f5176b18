import type { MapProgram } from "@thalweg/kernels";
import { type Hoisted, hoist } from "@thalweg/kernels";

/** How a kernel reads an input: a number for all elements, one element for all, or one element for each. */
export const Access = { number: 0, single: 1, dense: 2, strided: 3 } as const;
export type Access = (typeof Access)[keyof typeof Access];

/** How a kernel reads an operand whose elements are `step` apart along a loop. */
export function accessOf(step: number): Access {
  return step === 1 ? Access.dense : step === 0 ? Access.single : Access.strided;
}

/** {@link hoist} for operands that are read in these ways. */
export function hoistUniform(program: MapProgram, access: readonly Access[]): Hoisted {
  return hoist(program, (input) => access[input] === Access.number);
}
