import type { Shape, Tensor } from "@thalweg/tensor";
import { boolean, kind, kinds, list, type OptionKinds, positive } from "@thalweg/tensor/internal";
import fc from "fast-check";
import { tensors } from "./arbitraries";
import { numRuns as runs } from "./arguments";

/** Options of {@link optimizerLaws}. */
export interface LawOptions<O> {
  /** Options with which the optimizer is expected to converge; its defaults unless given. */
  readonly options?: Partial<O>;
  /** Steps in which it must descend a quadratic bowl to a hundredth of the height; 300 unless given. */
  readonly steps?: number;
  /** Whether a zero gradient leaves parameters unchanged, with the options; true unless given. */
  readonly zeroIsFixed?: boolean;
  /** Shapes of the parameters, for an optimizer that accepts only some; of rank 0 to 2 unless given. */
  readonly shapes?: readonly Shape[];
  /** Sample runs of each property; 20 unless given. */
  readonly numRuns?: number;
}

export const optimizerOptions: OptionKinds<LawOptions<unknown>> = {
  options: kind("an object of options", (value) => typeof value === "object" && value !== null),
  steps: positive,
  zeroIsFixed: boolean,
  shapes: list(kinds.shape),
  numRuns: runs,
};

/** Random parameters, at least one. */
export function startsOf(shapes: readonly Shape[] | undefined): fc.Arbitrary<[Tensor, ...Tensor[]]> {
  return shapes === undefined
    ? fc.tuple(tensors({ maxRank: 2 }), tensors({ maxRank: 2 }), tensors({ shape: [3] }))
    : (fc.tuple(...shapes.map((shape) => tensors({ shape }))) as fc.Arbitrary<[Tensor, ...Tensor[]]>);
}
