import { DTypeError, ShapeError } from "@thalweg/kernels";
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
  worded,
} from "./signature";
import { Tensor } from "./tensor";

export const tensor: Kind = /* @__PURE__ */ kind("a tensor", (value) => value instanceof Tensor, DTypeError);

/** An operand of an element-wise operation. */
export const operand: Kind = either(tensor, number);

/** A tensor that may be missing. */
export const maybeTensor: Kind = optional(either(tensor, oneOf(null)));

/** A bound that may be missing; null means no bound. */
export const maybeOperand: Kind = optional(either(tensor, number, oneOf(null)));

export const tensors: Kind = /* @__PURE__ */ worded("an array of tensors", list(tensor));

export const integers: Kind = /* @__PURE__ */ worded("an array of whole numbers", list(integer));

/** The sizes of a tensor. */
export const shape: Kind = /* @__PURE__ */ worded(
  "an array of whole numbers from 0 on",
  list(count, undefined, ShapeError),
);

/** The sizes of a tensor, with -1 for a size that the operation infers or keeps. */
export const sizesOrMinusOne: Kind = /* @__PURE__ */ worded(
  "an array of whole numbers from 0 on, or -1",
  list(whole(-1), undefined, ShapeError),
);

const numbers: Kind = /* @__PURE__ */ worded("an array of numbers", list(number));

/** One dimension or several. The operation checks that they exist. */
export const dims: Kind = either(number, numbers);

export const maybeDim: Kind = optional(number);
export const maybeDims: Kind = optional(dims);

/** The options of the functions that create tensors. */
export const creation = {
  device: string,
  dtype: oneOf("float32", "float64", "int32", "bool"),
  requiresGrad: boolean,
};

/** A number for all spatial dimensions, or one for each. The operation checks how many there are. */
export const sizes: Kind = either(number, numbers);
