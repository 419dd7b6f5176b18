import { isFloating } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { type Binary, pointwise, type Unary } from "../pointwise";

/** Whether a = b, element by element: a tensor of type bool. Comparisons have no gradient. */
export const eq: Binary = pointwise("eq", (a, b) => a.eq(b));

/** Whether a ≠ b. True where either is NaN. */
export const ne: Binary = pointwise("ne", (a, b) => a.ne(b));

/** Whether a < b. */
export const lt: Binary = pointwise("lt", (a, b) => a.lt(b));

/** Whether a ≤ b. */
export const le: Binary = pointwise("le", (a, b) => a.le(b));

/** Whether a > b. */
export const gt: Binary = pointwise("gt", (a, b) => a.gt(b));

/** Whether a ≥ b. */
export const ge: Binary = pointwise("ge", (a, b) => a.ge(b));

/** Whether both are nonzero. */
export const logicalAnd: Binary = pointwise("logicalAnd", (a, b) => a.ne(0).mul(b.ne(0)).ne(0));

/** Whether either is nonzero. */
export const logicalOr: Binary = pointwise("logicalOr", (a, b) => a.ne(0).add(b.ne(0)).ne(0));

/** Whether x is 0. */
export const logicalNot: Unary = pointwise("logicalNot", (x) => x.eq(0));

const nan = pointwise("isNaN", (x) => x.ne(x));
const finite = pointwise("isFinite", (x) => x.sub(x).eq(0));

/** Whether x is NaN. */
export const isNaN = operation(
  "isNaN",
  { x: tensor },
  (x: Tensor): Tensor => {
    return nan(x);
  },
  nan.op,
);

/** Whether x is neither infinite nor NaN. */
export const isFinite = operation(
  "isFinite",
  { x: tensor },
  (x: Tensor): Tensor => {
    return isFloating(x.dtype) ? finite(x) : eq(x, x);
  },
  finite.op,
);
