import { formatShape, Layout, runMatmul, type Shape, ShapeError, sizeOf } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { either, oneOf, operation, optional } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import { add } from "../map/arithmetic";
import type { Op, OpSamples } from "../op";
import { sum } from "../reduce/sums";
import { reshapeTo } from "../view/reshape";
import { matmul, swapped, transposed } from "./matmul";

function check(shapes: readonly Shape[]): void {
  const [x, weight, bias] = shapes as [Shape, Shape, Shape | undefined];
  if (weight.length !== 2 || x.length === 0 || x.at(-1) !== weight[1]) {
    throw new ShapeError(
      "linear",
      `the weight does not fit the input, ${formatShape(weight)} and ${formatShape(x)}`,
      "the weight is [out, in], the input [..., in]",
      [x, weight],
    );
  }
  if (bias !== undefined && (bias.length !== 1 || bias[0] !== weight[0])) {
    throw new ShapeError(
      "linear",
      `the bias does not fit the weight, ${formatShape(bias)} and ${formatShape(weight)}`,
      `it must have shape [${weight[0]}]`,
      [bias, weight],
    );
  }
}

/** Merges all dimensions but the last. */
function rows(x: Tensor): Tensor {
  const width = x.shape.at(-1)!;
  return x.ndim === 2 ? x : reshapeTo(x, [sizeOf(x.shape.slice(0, -1)), width]);
}

const linearOp: Op<void> = kernelOp<void>({
  name: "linear",
  kind: "contract",
  saves: { inputs: [0, 1] },
  shape(shapes) {
    check(shapes);
    return shapes[0]!.with(-1, shapes[1]![0]!);
  },
  run(backend, out, [x, weight, bias]) {
    const { storage } = out;
    const flat = rows(x!);
    const layout = out.ndim === 2 ? out.layout : Layout.contiguous([flat.shape[0]!, out.shape.at(-1)!]);
    const turned = { storage: weight!.storage, layout: weight!.layout.permute(swapped) };
    const epilogue = bias && {
      program: add.op.program,
      operands: [{ storage: bias.storage, layout: bias.layout.expand(layout.shape) }],
    };
    runMatmul(backend, { storage, layout }, flat, turned, epilogue);
  },
  // y = x·Wᵀ + b: x' = y'·W, W' = y'ᵀ·x, b' = Σ y'
  gradient({ grad, inputs: [x, weight], needs }) {
    const flat = needs(1) || needs(2) ? rows(grad) : grad;
    return [
      needs(0) ? matmul(grad, weight as Tensor) : null,
      needs(1) ? matmul(transposed(flat), rows(x as Tensor)) : null,
      needs(2) ? sum(flat, 0) : null,
    ];
  },
});

export const linearSamples: OpSamples<void> = {
  op: linearOp,
  sample(draw) {
    const lead = draw.shape(0, 2);
    const [width, height] = [draw.int(1, 4), draw.int(1, 4)];
    const inputs = [{ shape: [...lead, width] }, { shape: [height, width] }, { shape: [height] }];
    return { inputs: draw.boolean() ? inputs : inputs.slice(0, 2), attrs: undefined };
  },
  errors: [
    {
      shapes: [
        [2, 3],
        [4, 2],
      ],
    },
    { shapes: [[2, 3], [4, 3], [3]] },
  ],
};

/**
 * x·Wᵀ + b as one operation: x [..., in], weight [out, in], bias [out] -> [..., out]. No bias is added unless given.
 *
 * @throws ShapeError when the shapes do not fit.
 * @example
 * linear(tensor([1, 2]), tensor([[3, 4]]), tensor([5])).toArray(); // → [16]
 */
export const linear = /* @__PURE__ */ operation(
  "linear",
  { x: tensor, weight: tensor, bias: optional(either(tensor, oneOf(null))) },
  (x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor => {
    return apply(linearOp, bias === undefined || bias === null ? [x, weight] : [x, weight, bias], undefined);
  },
  linearOp,
);
