import type { Shape } from "@thalweg/kernels";
import type { Signature } from "../signature";
import type { Tensor } from "../tensor";
import type { ErrorSample, SampleDrawer } from "./sample";

/** An input of an operation: a tensor or, in maps only, a number. */
export type Input = Tensor | number;

/** Kinds of operations, by how the elements of the result depend on those of the inputs. */
export type OpKind = "map" | "reduce" | "view" | "contract" | "index" | "opaque";

/** The arguments of a gradient rule. Tensors that the rule does not save are null. */
export interface GradientCall<A = unknown> {
  /** Gradient of the result. */
  readonly grad: Tensor;
  readonly attrs: A;
  /** The inputs; null where they were not saved. */
  readonly inputs: readonly (Input | null)[];
  /** The result; null if it was not saved. */
  readonly output: Tensor | null;
  /** Shapes of the inputs; a number has shape []. */
  readonly shapes: readonly Shape[];
  /** Whether the gradient of an input is needed. */
  needs(input: number): boolean;
}

/** The part of a record that generated tests need, for operations and composites. */
export interface Computation<A = unknown> {
  readonly name: string;
  readonly kind: OpKind | "composite";
  /** Whether results can carry a gradient. Comparisons and indices cannot. */
  readonly differentiable: boolean;
  /** Computes the result. */
  forward(inputs: readonly Input[], attrs: A): Tensor;
  /** Draws a valid call for generated tests; none unless given. Most records have {@link OpSamples} beside them instead. */
  readonly sample?: SampleDrawer<A>;
  /** An operation with the same valid calls; none unless given. */
  readonly sampledAs?: Computation<A>;
  /** Calls that must be refused; none unless given. */
  readonly errors?: readonly ErrorSample[] | undefined;
}

/** The record of a function of operations. Its gradient is theirs. */
export interface Composite<A = unknown> extends Computation<A> {
  readonly kind: "composite";
  readonly sample: SampleDrawer<A>;
  /** The kinds of its arguments, at most four. @internal */
  readonly takes: Signature;
}

/**
 * The record of an operation: everything that the library knows about it. Passes, tapes and backends ask the record;
 * none of them lists operations by name.
 */
export interface Op<A = unknown> extends Computation<A> {
  readonly kind: OpKind;
  /** Shape of the result; throws where the inputs do not fit. */
  shape(shapes: readonly Shape[], attrs: A): Shape;
  /**
   * The tensors that gradients read, as bits: bit i for input i, and bit `inputs` for the result. `needs` has a bit for each
   * input that needs a gradient.
   */
  saves(needs: number, inputs: number): number;
  /** Gradients of the inputs; null for no gradient. They may have the broadcast shape. */
  gradient(call: GradientCall<A>): readonly (Tensor | null)[];
}

/** The tensors that a gradient rule reads. */
export interface Saves {
  readonly inputs?: readonly number[] | "all";
  readonly output?: boolean;
}

/**
 * Sample calls of an operation for generated tests. They are an export beside the record, so that bundles of programs,
 * which test nothing, can drop them.
 */
export interface OpSamples<A> {
  readonly op: Op<A>;
  readonly sample: SampleDrawer<A>;
  readonly errors?: readonly ErrorSample[];
}
