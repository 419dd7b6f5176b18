import { tensor } from "../../kinds";
import { operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { pow } from "./arithmetic";
import { asFloat } from "./magnitude";

/** 2 to the power x. */
export const exp2 = /* @__PURE__ */ operation(
  "exp2",
  { x: tensor },
  (x: Tensor): Tensor => pow(2, asFloat(x)),
);
