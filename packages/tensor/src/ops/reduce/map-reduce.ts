import { broadcastShapes, MapProgram, normalizeDims, ReduceProgram, sizeOf, trace } from "@thalweg/kernels";
import { checkArguments, kind as kindOf, oneOf } from "../../signature";
import { Tensor } from "../../tensor";
import { apply } from "../apply";
import { div } from "../map/arithmetic";
import type { Op } from "../op";
import { commonBackend } from "../operands";
import { broadcastAll, commonLayout, type MapOp } from "../pointwise";
import { register } from "../registry";
import { checkFloating, commonType } from "../types";
import { expandOp } from "../view/view";

const mapReduceArguments = {
  of: kindOf(
    "the record of an element-wise operation",
    (value) => (value as MapOp | null)?.program instanceof MapProgram,
  ),
  kind: oneOf("sum", "mean"),
};

/**
 * The sum or the mean over all elements of an element-wise operation of tensors, in one pass that keeps none
 * of them. The operation's gradient must not read its result.
 */
export function mapReduce(of: MapOp, kind: "sum" | "mean"): (...inputs: Tensor[]) => Tensor {
  checkArguments("mapReduce", mapReduceArguments, [of, kind]);
  const name = `${of.name}.${kind}`;
  const finish = trace(2, (total, count) => (kind === "sum" ? total! : total!.div(count!)));
  const program = new ReduceProgram(name, "sum", of.arity, of.program.outputs[0]!, finish);
  const op = register<Op<void>>({
    name,
    kind: "reduce",
    differentiable: true,
    shape: (shapes) => {
      broadcastShapes(name, shapes);
      return [];
    },
    forward(inputs) {
      const backend = commonBackend(name, inputs);
      const dtype = commonType(name, inputs as readonly Tensor[]);
      checkFloating(name, inputs[0] as Tensor);
      const layout = commonLayout(name, inputs);
      const wide = broadcastAll(name, inputs as readonly Tensor[], layout);
      const dims = normalizeDims(name, undefined, layout.ndim);
      const { kept, rest } = layout.reduced(dims);
      const storage = backend.allocate(dtype, 1);
      backend.reduce(program, { storage, layout: kept }, wide, dims);
      return new Tensor(storage, rest);
    },
    saves: of.saves,
    gradient(call) {
      const shape = broadcastShapes(name, call.shapes);
      const grad = kind === "sum" ? call.grad : div(call.grad, Math.max(1, sizeOf(shape)));
      const { inputs, shapes, needs } = call;
      const spread = apply(expandOp, [grad], shape);
      return of.gradient({ grad: spread, attrs: undefined, inputs, output: null, shapes, needs });
    },
    sampledAs: of,
  });
  return (...inputs) => apply(op, inputs, undefined);
}
