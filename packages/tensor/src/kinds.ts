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
} from "./signature";
import { Tensor } from "./tensor";

export const tensor: Kind = /* @__PURE__ */ kind("a tensor", (value) => value instanceof Tensor, DTypeError);

/** What an element-wise operation takes. */
export const operand: Kind = either(tensor, number);

export const integers: Kind = list(integer);

/** The sizes of a tensor. */
export const shape: Kind = /* @__PURE__ */ list(count, undefined, ShapeError);

/** One dimension or several; whether they exist is for the operation to say. */
export const dims: Kind = either(number, list(number));

export const maybeDim: Kind = optional(number);
export const maybeDims: Kind = optional(dims);

/** The options of everything that makes a tensor. */
export const creation = { requiresGrad: boolean, dtype: oneOf("float32", "float64"), device: string };
