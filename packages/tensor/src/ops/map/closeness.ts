import { sameShape } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { atLeastZero, boolean, operation, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { to } from "../cast";
import { pointwise } from "../pointwise";
import { all } from "../reduce/norms";
import { commonType } from "../types";
import { eq } from "./comparison";

/** Options of {@link isClose} and {@link allClose}. */
export interface ClosenessOptions {
  /** The difference allowed for each unit of |b|; 1e-5 unless given. */
  readonly rtol?: number;
  /** The difference allowed besides; 1e-8 unless given. */
  readonly atol?: number;
  /** Whether NaN is close to NaN; false unless given. */
  readonly equalNan?: boolean;
}

// Infinite differences are within infinite limits, but close to nothing.
const close = /* @__PURE__ */ pointwise("isClose", (a, b, rtol, atol) => {
  const distance = a.sub(b).abs();
  const isNear = distance.le(b.abs().mul(rtol).add(atol)).mul(distance.lt(Number.POSITIVE_INFINITY));
  return a.eq(b).maximum(isNear).ne(0);
});
const bothNaN = /* @__PURE__ */ pointwise("isClose", (close, a, b) =>
  close.maximum(a.ne(a).mul(b.ne(b))).ne(0),
);

const takes = {
  a: tensor,
  b: tensor,
  options: /* @__PURE__ */ options<ClosenessOptions>({
    rtol: atLeastZero,
    atol: atLeastZero,
    equalNan: boolean,
  }),
};

function closeness(op: string, a: Tensor, b: Tensor, options: ClosenessOptions): Tensor {
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options;
  // Conditions have no difference.
  const [x, y] = commonType(op, [a, b]) === "bool" ? [to(a, "int32"), to(b, "int32")] : [a, b];
  const result = close(x, y, rtol, atol);
  return equalNan ? bothNaN(result, x, y) : result;
}

/**
 * Whether |a - b| ≤ `atol` + `rtol`·|b|, element by element; a tensor of type bool. Operands broadcast. An infinity is close to
 * itself alone, and NaN to nothing unless `equalNan`.
 *
 * @throws DTypeError when the types differ.
 * @example
 * isClose(tensor([1, 2]), tensor([1.000001, 2.1])).toArray(); // → [1,0]
 */
export const isClose = /* @__PURE__ */ operation(
  "isClose",
  takes,
  (a: Tensor, b: Tensor, options: ClosenessOptions = {}): Tensor => closeness("isClose", a, b, options),
);

/**
 * Whether all elements of `a` and `b` are close, as {@link isClose} says. It reads the result, which WebGPU cannot do at once: there
 * `await isClose(a, b).all().itemAsync()` tells the same.
 *
 * @throws DTypeError when the types differ.
 * @example
 * allClose(tensor([1, 2]), tensor([1, 2.1])); // → false
 */
export const allClose = /* @__PURE__ */ operation(
  "allClose",
  takes,
  (a: Tensor, b: Tensor, options: ClosenessOptions = {}): boolean =>
    all(closeness("allClose", a, b, options)).item() !== 0,
);

/**
 * Whether two tensors have the same shape and the same elements. NaN is not equal to itself. It reads the result, which
 * WebGPU cannot do at once.
 *
 * @throws DTypeError when the types differ.
 * @example
 * equal(tensor([1, 2]), tensor([1, 2])); // → true
 */
export const equal = /* @__PURE__ */ operation(
  "equal",
  { a: tensor, b: tensor },
  (a: Tensor, b: Tensor): boolean => {
    commonType("equal", [a, b]);
    return sameShape(a.shape, b.shape) && all(eq(a, b)).item() !== 0;
  },
);
