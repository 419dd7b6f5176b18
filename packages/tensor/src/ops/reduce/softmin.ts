import { tensor } from "../../kinds";
import { number, operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { neg } from "../map/arithmetic";
import { softmax } from "./softmax";

/** e⁻ˣ/Σe⁻ˣ along `dim`, the {@link softmax} of -x. */
export const softmin = /* @__PURE__ */ operation(
  "softmin",
  { x: tensor, dim: number },
  (x: Tensor, dim: number): Tensor => softmax(neg(x), dim),
);
