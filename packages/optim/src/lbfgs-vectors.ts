import { amax, type Tensor } from "@thalweg/tensor";
import { scoped } from "@thalweg/tensor/internal";

/** One vector of all parameters: a tensor for each. */
export type Vector = readonly Tensor[];

/** Sum whose last bit does not depend on the order of the parameters. */
function total(terms: number[]): number {
  return terms.sort((a, b) => a - b).reduce((a, b) => a + b, 0);
}

const number = (compute: () => Tensor) => scoped(compute).item();

export function dot(a: Vector, b: Vector): number {
  return total(a.map((piece, i) => number(() => piece.mul(b[i]!).sum())));
}

/** Sum of all absolute values. */
export function sumOfSizes(a: Vector): number {
  return total(a.map((piece) => number(() => piece.abs().sum())));
}

/** Largest absolute value. */
export function largestSize(a: Vector): number {
  return a.reduce(
    (most, { size }, i) =>
      size === 0
        ? most
        : Math.max(
            most,
            number(() => amax(a[i]!.abs())),
          ),
    0,
  );
}

export const scaled = (a: Vector, factor: number): Tensor[] => a.map((piece) => piece.mul(factor));

/** a += factor·b */
export function addScaled(a: Vector, b: Vector, factor: number): void {
  a.forEach((piece, i) => {
    scoped(() => piece.add_(b[i]!.mul(factor)));
  });
}

/** Overwrites a with b. */
export function assign(a: Vector, b: Vector): void {
  a.forEach((piece, i) => {
    piece.copy_(b[i]!);
  });
}
