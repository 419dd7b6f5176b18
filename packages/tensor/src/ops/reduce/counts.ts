import { maybeDims, tensor } from "../../kinds";
import { operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { ne } from "../map/comparison";
import type { Dims } from "./reduction";
import { sum } from "./sums";

/** Number of elements over `dim` (all dimensions unless given) that are not 0; NaN counts. The result is int32. */
export const countNonzero = /* @__PURE__ */ operation(
  "countNonzero",
  { x: tensor, dim: maybeDims },
  (x: Tensor, dim?: Dims): Tensor => sum(ne(x, 0), dim),
);
