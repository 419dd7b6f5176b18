import { DTypeError, ShapeError } from "./errors";
import {
  boolean,
  count,
  either,
  integer,
  type Kind,
  kind,
  list,
  number,
  oneOf,
  optional,
  string,
  whole,
} from "./signature";
import { Tensor } from "./tensor";

export const tensor: Kind = kind("a tensor", (value) => value instanceof Tensor, DTypeError);

/** What an element-wise operation takes. */
export const operand: Kind = either(tensor, number);

/** A tensor that may be missing. */
export const maybeTensor: Kind = optional(either(tensor, oneOf(null)));

/** A bound, which null lifts. */
export const maybeOperand: Kind = optional(either(tensor, number, oneOf(null)));

export const tensors: Kind = list(tensor);

export const integers: Kind = list(integer);

/** The sizes of a tensor. */
export const shape: Kind = list(count, undefined, ShapeError);

/** One dimension or several; whether they exist is for the operation to say. */
export const sizesOrMinusOne: Kind = list(whole(-1), undefined, ShapeError);

export const dims: Kind = either(number, list(number));

export const maybeDim: Kind = optional(number);
export const maybeDims: Kind = optional(dims);

/** The options of everything that makes a tensor. */
export const creation = { requiresGrad: boolean, dtype: oneOf("float32", "float64"), device: string };

/** A number for all spatial dimensions, or one for each; how many there are is for the operation to say. */
export const sizes: Kind = either(number, list(number));
