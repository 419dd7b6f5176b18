import {
  formatShape,
  normalizeDim,
  promote,
  runMap,
  type Shape,
  ShapeError,
  sameShape,
} from "@thalweg/kernels";
import { tensors } from "../../kinds";
import { number, operation, optional } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { to } from "../cast";
import { kernelOp } from "../define-op";
import { copying } from "../map/clone";
import type { Op, OpSamples } from "../op";
import { allocateZeros } from "../operands";
import { reshapeTo } from "../view/reshape";
import { sliceOp } from "../view/view";

interface Along {
  readonly op: string;
  readonly dim: number;
}

/** Whether this is the shape of an empty vector, which can be joined with any tensor and is skipped, as in PyTorch. */
function isNothing(shape: Shape): boolean {
  return shape.length === 1 && shape[0] === 0;
}

/** The first shape of a tensor that is not skipped. */
function firstOf(shapes: readonly Shape[]): Shape {
  return shapes.find((shape) => !isNothing(shape)) ?? shapes[0]!;
}

const catOp: Op<Along> = kernelOp<Along>({
  name: "cat",
  kind: "view",
  types: { any: true },
  shape(shapes, { op, dim }) {
    const first = firstOf(shapes);
    let total = 0;
    for (const shape of shapes) {
      if (isNothing(shape)) continue;
      const fits =
        shape.length === first.length && shape.every((extent, d) => d === dim || extent === first[d]);
      if (!fits) {
        throw new ShapeError(
          op,
          `shapes differ outside of dim ${dim}, ${formatShape(first)} and ${formatShape(shape)}`,
          "all but the joined dimension must be equal",
          shapes,
        );
      }
      total += shape[dim]!;
    }
    return first.with(dim, total);
  },
  run(backend, out, inputs, { dim }) {
    const program = copying(out.dtype);
    let start = 0;
    for (const input of inputs) {
      if (isNothing(input.shape)) continue;
      const layout = out.layout.slice(dim, start, input.shape[dim]!);
      runMap(backend, program, [{ storage: out.storage, layout }], [input]);
      start += input.shape[dim]!;
    }
  },
  gradient({ grad, shapes, attrs: { dim }, needs }) {
    let start = 0;
    return shapes.map((shape, i) => {
      if (isNothing(shape)) return needs(i) ? allocateZeros(grad, shape) : null;
      const length = shape[dim]!;
      start += length;
      return needs(i) ? apply(sliceOp, [grad], { dim, start: start - length, length, step: 1 }) : null;
    });
  },
});

export const catSamples: OpSamples<Along> = {
  op: catOp,
  sample(draw) {
    const shape = draw.shape(1, 3);
    const dim = draw.int(0, shape.length - 1);
    const inputs = Array.from({ length: draw.int(1, 3) }, () => ({ shape: shape.with(dim, draw.int(1, 3)) }));
    return { inputs, attrs: { op: "cat", dim } };
  },
  errors: [
    {
      shapes: [
        [2, 3],
        [2, 4],
      ],
      list: true,
      args: [0],
    },
    {
      fn: "stack",
      shapes: [[2], [3]],
      list: true,
      args: [0],
    },
    { shapes: [], list: true, args: [0] },
  ],
};

/** Converts all tensors to the type to which they promote. */
function promoted(tensors: readonly Tensor[]): Tensor[] {
  const dtype = tensors.map((x) => x.dtype).reduce(promote);
  return tensors.map((x) => (x.dtype === dtype ? x : to(x, dtype)));
}

function checkList(op: string, tensors: readonly Tensor[]): void {
  if (tensors.length === 0) throw new ShapeError(op, "the list is empty", "pass at least one tensor");
}

/**
 * Joins tensors along an existing dimension `dim`, the first unless given. A copy. Empty vectors are skipped, whatever the
 * shape of the others.
 *
 * @example
 * cat([tensor([[1, 2]]), tensor([[3, 4]])], 0).toArray(); // → [[1,2],[3,4]]
 */
export const cat = /* @__PURE__ */ operation(
  "cat",
  { tensors: tensors, dim: optional(number) },
  (tensors: readonly Tensor[], dim = 0): Tensor => {
    checkList("cat", tensors);
    const { length } = firstOf(tensors.map((x) => x.shape));
    const d = normalizeDim("cat", dim, length);
    if (length === 0) {
      throw new ShapeError("cat", "scalars have no dimension to join, []", "use stack", [[]]);
    }
    return apply(catOp, promoted(tensors), { op: "cat", dim: d });
  },
  catOp,
);

/** Joins tensors of the same shape along a new dimension `dim`, the first unless given. A copy. */
export const stack = /* @__PURE__ */ operation(
  "stack",
  { tensors: tensors, dim: optional(number) },
  (tensors: readonly Tensor[], dim = 0): Tensor => {
    checkList("stack", tensors);
    const first: Shape = tensors[0]!.shape;
    const other = tensors.find((x) => !sameShape(x.shape, first));
    if (other !== undefined) {
      throw new ShapeError(
        "stack",
        `shapes differ, ${formatShape(first)} and ${formatShape(other.shape)}`,
        "pad or slice them to one shape",
        tensors.map((x) => x.shape),
      );
    }
    const d = normalizeDim("stack", dim, first.length + 1);
    return apply(
      catOp,
      promoted(tensors).map((x) => reshapeTo(x, first.toSpliced(d, 0, 1))),
      { op: "stack", dim: d },
    );
  },
);
