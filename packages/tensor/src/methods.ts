import { DTypeError } from "@thalweg/kernels";
import { define, defineMethod, defineMethods } from "./define-methods";
import { tensor } from "./kinds";
import { toAsync } from "./ops/cast";
import { pow } from "./ops/map/arithmetic";
import { where } from "./ops/map/choice";
import { clone } from "./ops/map/clone";
import type { Operand } from "./ops/pointwise";
import { type Range, slice } from "./ops/view/slice";
import { describe, operation } from "./signature";
import { type NestedArray, Tensor, type TensorArray } from "./tensor";
import { operations } from "./tensor-functions";
import type { OperationMethods } from "./tensor-methods";

/** The methods of a tensor that are defined by operations. */
export interface TensorMethods extends OperationMethods {
  /** Elements of this tensor where `condition` is nonzero, and of `other` elsewhere. */
  where(condition: Tensor, other: Operand): Tensor;
  /** This tensor if its elements are in row-major order, otherwise a copy that is. */
  contiguous(): Tensor;
}

defineMethods(operations);
defineMethod("pow", pow);
defineMethod("toAsync", toAsync);
define("slice", function (this: Tensor, ...ranges: Range[]) {
  return slice(this, ...ranges);
});
define("where", function (this: Tensor, condition: Tensor, other: Operand) {
  if (!(condition instanceof Tensor)) {
    const remedy = "write a.where(mask, b), or where(mask, a, b)";
    throw new DTypeError("where", `the condition must be a tensor, got ${describe(condition)}`, remedy);
  }
  return where(condition, this, other);
});
define("contiguous", function (this: Tensor) {
  return this.layout.isContiguous ? this : clone(this);
});

/** {@link Tensor.item} as a function. */
export const item = /* @__PURE__ */ operation("item", { x: tensor }, (x: Tensor): number => x.item());

/** {@link Tensor.itemAsync} as a function. */
export const itemAsync = /* @__PURE__ */ operation(
  "itemAsync",
  { x: tensor },
  (x: Tensor): Promise<number> => x.itemAsync(),
);

/** {@link Tensor.toArrayAsync} as a function. */
export const toArrayAsync = /* @__PURE__ */ operation(
  "toArrayAsync",
  { x: tensor },
  (x: Tensor): Promise<NestedArray> => x.toArrayAsync(),
);

/** {@link Tensor.toArray} as a function. */
export const toArray = /* @__PURE__ */ operation(
  "toArray",
  { x: tensor },
  (x: Tensor): NestedArray => x.toArray(),
);

/** {@link Tensor.dataSync} as a function. */
export const dataSync = /* @__PURE__ */ operation(
  "dataSync",
  { x: tensor },
  (x: Tensor): TensorArray => x.dataSync(),
);

/** {@link Tensor.data} as a function. */
export const data = /* @__PURE__ */ operation(
  "data",
  { x: tensor },
  (x: Tensor): Promise<TensorArray> => x.data(),
);

/** {@link Tensor.isContiguous} as a function. */
export const isContiguous = /* @__PURE__ */ operation("isContiguous", { x: tensor }, (x: Tensor): boolean =>
  x.isContiguous(),
);

/** {@link Tensor.contiguous} as a function. */
export const contiguous = /* @__PURE__ */ operation(
  "contiguous",
  { x: tensor },
  (x: Tensor): Tensor => x.contiguous(),
);

/** {@link Tensor.detach} as a function. */
export const detach = /* @__PURE__ */ operation("detach", { x: tensor }, (x: Tensor): Tensor => x.detach());
