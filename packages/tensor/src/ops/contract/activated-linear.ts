import { chained } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { relu } from "../map/activation";
import { add } from "../map/arithmetic";
import type { Op } from "../op";
import type { MapOp, Unary } from "../pointwise";
import { linear, linearOpWith, linearSamples } from "./linear";

const known = /* @__PURE__ */ new WeakMap<MapOp, Op<void>>();

/** The record with an activation, if that can be differentiated without what went into it. */
function activatedOp(activation: MapOp): Op<void> | null {
  const resultAlone = 2;
  if (activation.arity !== 1 || activation.saves(1, 1) !== resultAlone) return null;
  let op = known.get(activation);
  if (op === undefined) {
    const record = linearOpWith({
      name: activation.name,
      bare: activation.program,
      biased: chained(activation.program, add.op.program),
      gradient(grad, output) {
        const [shapes, inputs] = [[grad.shape], [null]];
        return activation.gradient({ grad, attrs: undefined, inputs, output, shapes, needs: () => true })[0]!;
      },
    });
    op = Object.assign(record, { sample: linearSamples.sample });
    known.set(activation, op);
  }
  return op;
}

type Activated = typeof compute & { readonly op: Op<void> | null };

/** Makes the record of the most frequent one, so that it is among those that tests know. */
function activated(): Activated {
  return Object.assign(compute, { op: activatedOp(relu.op) });
}

function compute(activation: Unary, x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const op = activatedOp(activation.op);
  if (op === null) return activation(linear(x, weight, bias));
  return apply(op, bias === undefined || bias === null ? [x, weight] : [x, weight, bias], undefined);
}

/**
 * activation(x·Wᵀ + b), as {@link linear} has it. Where the gradient of the activation can do with its result, as that of
 * `relu` can, it takes no pass and no memory of its own.
 *
 * @throws ShapeError when the shapes do not fit.
 */
export const activatedLinear: Activated = /* @__PURE__ */ activated();
