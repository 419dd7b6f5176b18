import { empty, type Shape, type Tensor, type Unary } from "@thalweg/tensor";
import {
  boolean,
  either,
  integer,
  type Kind,
  list,
  optional,
  options,
  renamed,
  type Signature,
  tensorKind,
  whole,
} from "@thalweg/tensor/internal";
import type { Layer } from "./module";
import { Parameter } from "./parameter";

/** What the library knows of a layer of its own. */
export interface Own {
  /** As a text, since minifiers shorten the names of classes. */
  readonly name: string;
  /** What the constructor takes. */
  readonly takes: Signature;
  /** What `forward` takes; one tensor unless given. */
  readonly inputs?: Signature;
  /** Whether `forward` keeps neither what it is given nor what it returns, so that a container may release it. */
  readonly keepsNothing?: boolean | ((layer: Layer) => boolean);
  /** The operation on single elements that the layer is, if it is one. */
  readonly elementwise?: Unary;
  /** The `forward` of the class itself. */
  forward?: unknown;
}

/** What most layers take. */
export const oneTensor: Signature = { x: tensorKind };

/** Whole numbers from `least` on: one for all of the spatial dimensions, or one for each. */
export const sizes = (least: number, spatial: number): Kind =>
  either(whole(least), list(whole(least), spatial));

/** What layers take whose only option is whether to add a bias. */
export const biasOption: Kind = /* @__PURE__ */ options<{ bias?: boolean }>({ bias: boolean });

export const maybeInteger: Kind = /* @__PURE__ */ optional(integer);

/** What `make` makes of a layer; errors carry the layer's name. */
export function partOf<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw renamed(error, name);
  }
}

/** A new parameter of a layer. */
export const fresh = (name: string, shape: Shape, make: (shape: Shape) => Tensor = empty): Parameter =>
  partOf(name, () => new Parameter(make(shape)));
