import { tensor } from "../../kinds";
import { operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { type Binary, pointwise, type Unary } from "../pointwise";

/** 1 where a = b, else 0. Comparisons have no gradient. */
export const eq: Binary = pointwise("eq", (a, b) => a.eq(b));

/** 1 where a ≠ b (also where either is NaN), else 0. */
export const ne: Binary = pointwise("ne", (a, b) => a.ne(b));

/** 1 where a < b, else 0. */
export const lt: Binary = pointwise("lt", (a, b) => a.lt(b));

/** 1 where a ≤ b, else 0. */
export const le: Binary = pointwise("le", (a, b) => a.le(b));

/** 1 where a > b, else 0. */
export const gt: Binary = pointwise("gt", (a, b) => a.gt(b));

/** 1 where a ≥ b, else 0. */
export const ge: Binary = pointwise("ge", (a, b) => a.ge(b));

/** 1 where both are nonzero, else 0. */
export const logicalAnd: Binary = pointwise("logicalAnd", (a, b) => a.ne(0).mul(b.ne(0)).ne(0));

/** 1 where either is nonzero, else 0. */
export const logicalOr: Binary = pointwise("logicalOr", (a, b) => a.ne(0).add(b.ne(0)).ne(0));

/** 1 where x is 0, else 0. */
export const logicalNot: Unary = pointwise("logicalNot", (x) => x.eq(0));

const nan = pointwise("isNaN", (x) => x.ne(x));
const finite = pointwise("isFinite", (x) => x.sub(x).eq(0));

/** 1 where x is NaN, else 0. */
export const isNaN = operation(
  "isNaN",
  { x: tensor },
  (x: Tensor): Tensor => {
    return nan(x);
  },
  nan.op,
);

/** 1 where x is neither infinite nor NaN, else 0. */
export const isFinite = operation(
  "isFinite",
  { x: tensor },
  (x: Tensor): Tensor => {
    return finite(x);
  },
  finite.op,
);
