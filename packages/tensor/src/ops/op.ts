import type { Shape } from "@thalweg/kernels";
import type { Signature } from "../signature";
import type { Tensor } from "../tensor";
import type { ErrorSample, SampleDrawer } from "./sample";

/** What an operation takes: tensors, and in map operations plain numbers. */
export type Input = Tensor | number;

/** Families of operations, by how their elements depend on each other. */
export type OpKind = "map" | "reduce" | "view" | "contract" | "index" | "opaque";

/** What a gradient rule is given. Tensors that the rule did not ask to be saved are not there. */
export interface GradientCall<A = unknown> {
  /** Gradient of the result. */
  readonly grad: Tensor;
  readonly attrs: A;
  /** The saved inputs. */
  readonly inputs: readonly (Input | null)[];
  /** The saved result. */
  readonly output: Tensor | null;
  /** Shapes of the inputs; a number has shape []. */
  readonly shapes: readonly Shape[];
  /** For which inputs a gradient is wanted. */
  needs(input: number): boolean;
}

/** What tests are generated from, of everything that computes a tensor from others. */
export interface Computation<A = unknown> {
  readonly name: string;
  readonly kind: OpKind | "composite";
  /** Whether results can carry a gradient at all: comparisons and indices cannot. */
  readonly differentiable: boolean;
  /** Computes the result. */
  forward(inputs: readonly Input[], attrs: A): Tensor;
  /** A random valid call, for generated tests; many have theirs beside them instead, see {@link OpSamples}, and this is left out. */
  readonly sample?: SampleDrawer<A>;
  /** An operation whose valid calls are also this one's; none unless given. */
  readonly sampledAs?: Computation<A>;
  /** Calls that must be refused; none unless given. */
  readonly errors?: readonly ErrorSample[] | undefined;
}

/** A function that is made of operations: its gradients are theirs. */
export interface Composite<A = unknown> extends Computation<A> {
  readonly kind: "composite";
  readonly sample: SampleDrawer<A>;
  /** What it takes, at most four arguments. @internal */
  readonly takes: Signature;
}

/**
 * Everything the library knows about an operation. Passes, tapes and backends ask the record; none of
 * them lists operations by name.
 */
export interface Op<A = unknown> extends Computation<A> {
  readonly kind: OpKind;
  /** Shape of the result; throws where the inputs do not fit. */
  shape(shapes: readonly Shape[], attrs: A): Shape;
  /**
   * Bits of what the gradients of the inputs in `needs` (bits, too) have to have saved: bit i for input i,
   * bit `inputs` for the result.
   */
  saves(needs: number, inputs: number): number;
  /** Gradients of the inputs; they may have the broadcast shape, null stands for none. */
  gradient(call: GradientCall<A>): readonly (Tensor | null)[];
}

/** Which of its tensors a gradient rule reads. */
export interface Saves {
  readonly inputs?: readonly number[] | "all";
  readonly output?: boolean;
}

/**
 * How generated tests call an operation. An export beside the record and not a part of it, so that bundles
 * of programs, which test nothing, do without.
 */
export interface OpSamples<A> {
  readonly op: Op<A>;
  readonly sample: SampleDrawer<A>;
  readonly errors?: readonly ErrorSample[];
}
