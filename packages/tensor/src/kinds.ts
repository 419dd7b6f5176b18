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

export const tensors: Kind = { ...list(tensor), must: "an array of tensors" };

export const integers: Kind = { ...list(integer), must: "an array of whole numbers" };

/** The sizes of a tensor. */
export const shape: Kind = {
  ...list(count, undefined, ShapeError),
  must: "an array of whole numbers from 0 on",
};

/** One dimension or several; whether they exist is for the operation to say. */
export const sizesOrMinusOne: Kind = {
  ...list(whole(-1), undefined, ShapeError),
  must: "an array of whole numbers from 0 on, or -1",
};

const numbers: Kind = { ...list(number), must: "an array of numbers" };

export const dims: Kind = either(number, numbers);

export const maybeDim: Kind = optional(number);
export const maybeDims: Kind = optional(dims);

/** The options of everything that makes a tensor. */
export const creation = { device: string, dtype: oneOf("float32", "float64"), requiresGrad: boolean };

/** A number for all spatial dimensions, or one for each; how many there are is for the operation to say. */
export const sizes: Kind = dims;
