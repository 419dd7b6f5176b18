import { empty, type Shape, type Tensor } from "@thalweg/tensor";
import {
  boolean,
  either,
  integer,
  type Kind,
  list,
  named,
  optional,
  options,
  type Signature,
  tensorKind,
  whole,
} from "@thalweg/tensor/internal";
import type { Layer } from "./module";
import { Parameter } from "./parameter";

/** The library's description of a layer of its own. */
export interface Own {
  /** The class's name, as a text because minifiers shorten names. */
  readonly name: string;
  /** The arguments of the constructor. */
  readonly takes: Signature;
  /** The arguments of `forward`; one tensor unless given. */
  readonly inputs?: Signature;
  /** Whether `forward` keeps neither its input nor its result, so that a container may release it. */
  readonly keepsNothing?: boolean | ((layer: Layer) => boolean);
  /** The `forward` of the class itself. */
  forward?: unknown;
}

/** The arguments of most layers' `forward`. */
export const oneTensor: Signature = { x: tensorKind };

/** Whole numbers from `least` on: one for all of the spatial dimensions, or one for each. */
export const sizes = (least: number, spatial: number): Kind =>
  either(whole(least), list(whole(least), spatial));

/** Options of layers whose only one is whether to add a bias. */
export const biasOption: Kind = /* @__PURE__ */ options<{ bias?: boolean }>({ bias: boolean });

export const maybeInteger: Kind = /* @__PURE__ */ optional(integer);

/** A new parameter of a layer. */
export const fresh = (name: string, shape: Shape, make: (shape: Shape) => Tensor = empty): Parameter =>
  named(name, () => new Parameter(make(shape)));

/** Arguments as a layer's `toString` shows them. */
export const shown = (values: object): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(", ");
