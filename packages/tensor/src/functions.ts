import { tensor } from "./kinds";
import { operation } from "./signature";
import type { NestedArray, Tensor, TensorArray } from "./tensor";

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
