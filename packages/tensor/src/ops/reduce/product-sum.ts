import { ReduceProgram, runReduce, trace } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import { mul } from "../map/arithmetic";
import type { Op } from "../op";
import { reshapeTo } from "../view/reshape";

const program = /* @__PURE__ */ new ReduceProgram(
  "productSum",
  "sum",
  2,
  /* @__PURE__ */ trace(2, (a, b) => a.mul(b!)),
  /* @__PURE__ */ trace(2, (total) => total),
);

/** Number of leading dimensions that are summed over. */
type Leading = number;

/** Σ a·b over leading dimensions, in one pass. Both have the same shape. */
const productSumOp: Op<Leading> = /* @__PURE__ */ kernelOp<Leading>({
  name: "productSum",
  kind: "reduce",
  saves: { inputs: "all" },
  shape: ([shape], leading) => shape!.slice(leading),
  run(backend, out, inputs, leading) {
    const dims = Array.from({ length: leading }, (_, d) => d);
    const { kept } = inputs[0]!.layout.reduced(dims);
    runReduce(backend, program, { storage: out.storage, layout: kept }, inputs, dims);
  },
  gradient({ grad, inputs: [a, b], shapes, needs }) {
    const wide = reshapeTo(grad, [
      ...new Array<number>(shapes[0]!.length - grad.ndim).fill(1),
      ...grad.shape,
    ]);
    return [needs(0) ? mul(wide, b!) : null, needs(1) ? mul(wide, a!) : null];
  },
  sample(draw) {
    const shape = draw.shape(1, 3);
    return { inputs: [{ shape }, { shape }], attrs: draw.int(1, shape.length) };
  },
});

/** Σ a·b over leading dimensions of tensors of the same shape. */
export function productSum(a: Tensor, b: Tensor, leading: number): Tensor {
  return apply(productSumOp, [a, b], leading);
}
