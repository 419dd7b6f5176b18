import { formatShape, type Shape, ShapeError, sizeOf } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import type { Op, OpSamples } from "../op";
import { onDense, type ViewRecord, view } from "./view";

const reshapeView: ViewRecord<Shape> = view({
  name: "reshape",
  layout: (layout, shape) => layout.reshape(shape)!,
  gradient: ({ grad, shapes }) => [reshapeTo(grad, shapes[0]!)],
});

export const reshapeSamples: OpSamples<Shape> = {
  op: reshapeView,
  sample(draw) {
    const shape = draw.shape(0, 3);
    return { inputs: [{ shape }], attrs: draw.boolean() ? [sizeOf(shape)] : [...shape, 1].reverse() };
  },
  errors: [
    {
      shapes: [[2, 3]],
      args: [[4]],
    },
    {
      shapes: [[2, 3]],
      args: [[-1, 4]],
    },
    {
      shapes: [[2, 3]],
      args: [[-1, -1]],
    },
  ],
};

/** The record of reshape. It is a view where the strides allow it, otherwise a copy. */
const reshapeOp: ViewRecord<Shape> = Object.assign(reshapeView, {
  forward: reshapeOrCopy(reshapeView.forward),
});

function reshapeOrCopy(view: Op<Shape>["forward"]): Op<Shape>["forward"] {
  const copied = onDense(view);
  return (inputs, shape) =>
    ((inputs[0] as Tensor).layout.reshape(shape) === null ? copied : view)(inputs, shape);
}

/** Reshapes to a shape that is known to fit. */
export function reshapeTo(x: Tensor, shape: Shape): Tensor {
  return apply(reshapeOp, [x], shape);
}

/** Infers the size that is -1. Throws where the sizes do not agree. */
export function inferShape(op: string, from: Shape, to: Shape): Shape {
  const size = sizeOf(from);
  const unknown = to.indexOf(-1);
  if (unknown !== to.lastIndexOf(-1)) {
    throw new ShapeError(
      op,
      `more than one size is -1, ${formatShape(to)}`,
      "leave at most one to be inferred",
      [from, to],
    );
  }
  if (unknown < 0) {
    if (sizeOf(to) === size) return to;
    throw new ShapeError(
      op,
      `sizes do not agree, shape ${formatShape(from)} has ${size} elements and ${formatShape(to)} has ${sizeOf(to)}`,
      "the product of the sizes must stay",
      [from, to],
    );
  }
  const rest = -sizeOf(to);
  if (rest === 0 || size % rest !== 0) {
    throw new ShapeError(
      op,
      `cannot infer -1, the ${size} elements of shape ${formatShape(from)} are not a multiple of ${rest}`,
      "choose sizes that divide them",
      [from, to],
    );
  }
  return to.with(unknown, size / rest);
}
