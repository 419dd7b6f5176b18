import {
  broadcastShapes,
  MapProgram,
  normalizeDims,
  ReduceProgram,
  runReduce,
  sizeOf,
  trace,
} from "@thalweg/kernels";
import { checkArguments, kind as kindOf, oneOf } from "../../signature";
import { Tensor } from "../../tensor";
import { apply } from "../apply";
import { div } from "../map/arithmetic";
import type { Op } from "../op";
import { commonBackend } from "../operands";
import { broadcastAll, commonLayout, type MapOp, type Operand } from "../pointwise";
import { register } from "../registry";
import { checkAnyFloating, plainBackend, resolveReduction } from "../types";
import { expandOp } from "../view/view";

const mapReduceArguments = {
  of: kindOf(
    "the record of an element-wise operation",
    (value) => (value as MapOp | null)?.program instanceof MapProgram,
  ),
  kind: oneOf("sum", "mean"),
};

/**
 * The sum or the mean over all elements of an element-wise operation, in one pass that keeps none of them. Operands
 * broadcast, and some may be numbers. The operation's gradient must not read its result.
 */
export function mapReduce(
  of: MapOp,
  kind: "sum" | "mean",
): ((...operands: Operand[]) => Tensor) & { readonly op: Op<void> } {
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
      const plain = plainBackend(inputs);
      const backend = plain ?? commonBackend(name, inputs);
      if (plain === null) checkAnyFloating(name, inputs);
      const typed = resolveReduction(program, inputs, plain !== null);
      const layout = commonLayout(name, inputs);
      const wide = broadcastAll(name, inputs, layout);
      const dims = normalizeDims(name, undefined, layout.ndim);
      const { kept, rest } = layout.reduced(dims);
      const storage = backend.allocate(typed.dtype, 1);
      runReduce(backend, typed.program, { storage, layout: kept }, wide, dims);
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
  return Object.assign((...operands: Operand[]) => apply(op, operands, undefined), { op });
}
