import type { MapProgram } from "@thalweg/kernels";
import { chained, formatShape, Layout, type Shape, ShapeError, sizeOf } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { either, oneOf, operation, optional } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import { relu } from "../map/activation";
import { add } from "../map/arithmetic";
import type { Op, OpSamples } from "../op";
import type { MapOp, Unary } from "../pointwise";
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

/** An operation on the elements of a product that runs in its epilogue. */
interface Finish {
  readonly name: string;
  /** The program of the epilogue with the bias, and (`bare`) without it. */
  readonly biased: MapProgram;
  readonly bare: MapProgram;
  /** The gradient of the product, from the gradient of the result and the result. */
  gradient(grad: Tensor, output: Tensor): Tensor;
}

/** The record of a product with an optional bias, and with an activation in the same pass. */
function linearOpWith(finish: Finish | null): Op<void> {
  return kernelOp<void>({
    name: finish === null ? "linear" : `linear+${finish.name}`,
    kind: "contract",
    saves: { inputs: [0, 1], output: finish !== null },
    shape(shapes) {
      check(shapes);
      return shapes[0]!.with(-1, shapes[1]![0]!);
    },
    run(backend, out, [x, weight, offset]) {
      const { storage } = out;
      const flat = rows(x!);
      const layout = out.ndim === 2 ? out.layout : Layout.contiguous([flat.shape[0]!, out.shape.at(-1)!]);
      const turned = { storage: weight!.storage, layout: weight!.layout.permute(swapped) };
      const wide = offset && { storage: offset.storage, layout: offset.layout.expand(layout.shape) };
      const program = wide === undefined ? finish?.bare : (finish?.biased ?? add.op.program);
      const epilogue = program && { program, operands: wide === undefined ? [] : [wide] };
      backend.matmul({ storage, layout }, flat, turned, epilogue);
    },
    // y = x·Wᵀ + b: x' = y'·W, W' = y'ᵀ·x, b' = Σ y'
    gradient({ grad, inputs: [x, weight], output, needs }) {
      const inner = finish === null ? grad : finish.gradient(grad, output!);
      const flat = needs(1) || needs(2) ? rows(inner) : inner;
      return [
        needs(0) ? matmul(inner, weight as Tensor) : null,
        needs(1) ? matmul(transposed(flat), rows(x as Tensor)) : null,
        needs(2) ? sum(flat, 0) : null,
      ];
    },
  });
}

const linearOp = linearOpWith(null);

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

/** Records with an activation, keyed by the activation. */
const activatedOps = /* @__PURE__ */ new WeakMap<MapOp, Op<void>>();

/** The record with an activation; null if the gradient of the activation needs its input. */
function activatedOp(activation: MapOp): Op<void> | null {
  const resultAlone = 2;
  if (activation.arity !== 1 || activation.saves(1, 1) !== resultAlone) return null;
  let op = activatedOps.get(activation);
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
    activatedOps.set(activation, op);
  }
  return op;
}

type Activated = typeof computeActivated & { readonly op: Op<void> | null };

/** Makes the record with `relu`, the most frequent one, so that generated tests cover it. */
function activated(): Activated {
  return Object.assign(computeActivated, { op: activatedOp(relu.op) });
}

function computeActivated(activation: Unary, x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const op = activatedOp(activation.op);
  if (op === null) return activation(linear(x, weight, bias));
  return apply(op, bias === undefined || bias === null ? [x, weight] : [x, weight, bias], undefined);
}

/**
 * activation(x·Wᵀ + b), with arguments as in {@link linear}. Where the gradient of the activation needs only its result,
 * as with `relu`, the activation takes no pass and no memory of its own.
 *
 * @throws ShapeError when the shapes do not fit.
 */
export const activatedLinear: Activated = /* @__PURE__ */ activated();
