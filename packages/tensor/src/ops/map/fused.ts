import { operand, tensor } from "../../kinds";
import { number, operation, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { type Operand, pointwise } from "../pointwise";

/** Options of {@link addcmul} and {@link addcdiv}. */
export interface AddcOptions {
  /** The factor of the product or the quotient; 1 unless given. */
  readonly value?: number;
}

const product = /* @__PURE__ */ pointwise("addcmul", (x, a, b, value) => x.add(a.mul(b).mul(value)));
const ratio = /* @__PURE__ */ pointwise("addcdiv", (x, a, b, value) => x.add(a.div(b).mul(value)), {
  domain: [
    { min: -2, max: 2 },
    { min: -2, max: 2 },
    { min: 0.5, max: 2 },
    { min: -2, max: 2 },
  ],
});

const takes = {
  x: tensor,
  a: operand,
  b: operand,
  options: /* @__PURE__ */ options<AddcOptions>({ value: number }),
};

/** x + `value`·a·b, element by element, in one pass; all broadcast, and `value` is 1 unless given. */
export const addcmul = /* @__PURE__ */ operation(
  "addcmul",
  takes,
  (x: Tensor, a: Operand, b: Operand, options: AddcOptions = {}): Tensor =>
    product(x, a, b, options.value ?? 1),
);

/** x + `value`·a/b, element by element, in one pass; all broadcast, and `value` is 1 unless given. */
export const addcdiv = /* @__PURE__ */ operation(
  "addcdiv",
  takes,
  (x: Tensor, a: Operand, b: Operand, options: AddcOptions = {}): Tensor =>
    ratio(x, a, b, options.value ?? 1),
);
