import { formatShape, type Shape, ShapeError } from "../../errors";
import { Layout } from "../../layout/layout";
import { sizeOf } from "../../layout/shape";
import type { MapProgram } from "../../scalar/program";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { relu } from "../map/activation";
import { add } from "../map/arithmetic";
import { kernelOp, type Op } from "../op";
import type { MapOp, Unary } from "../pointwise";
import { sum } from "../reduce/sums";
import { reshapeTo } from "../view/view";
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

/** All dimensions but the last as one. */
function rows(x: Tensor): Tensor {
  const width = x.shape.at(-1)!;
  return x.ndim === 2 ? x : reshapeTo(x, [sizeOf(x.shape.slice(0, -1)), width]);
}

/** Products, and an activation of their elements that is a matter of the same pass. */
function linearOpWith(activation: MapOp | null): Op<void> {
  return kernelOp<void>({
    name: activation === null ? "linear" : `linear+${activation.name}`,
    kind: "contract",
    saves: { inputs: [0, 1], output: activation !== null },
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
      const program = wide === undefined ? activation?.program : biased(activation);
      const epilogue = program && { program, operands: wide === undefined ? [] : [wide] };
      backend.matmul({ storage, layout }, flat, turned, epilogue);
    },
    // y = x·Wᵀ + b: x' = y'·W, W' = y'ᵀ·x, b' = Σ y'
    gradient({ grad, inputs: [x, weight], output, needs }) {
      const inner = activation === null ? grad : gradientFromResult(activation, grad, output!);
      const flat = needs(1) || needs(2) ? rows(inner) : inner;
      return [
        needs(0) ? matmul(inner, weight as Tensor) : null,
        needs(1) ? matmul(transposed(flat), rows(x as Tensor)) : null,
        needs(2) ? sum(flat, 0) : null,
      ];
    },
    sample(draw) {
      const lead = draw.shape(0, 2);
      const [width, height] = [draw.int(1, 4), draw.int(1, 4)];
      const inputs = [{ shape: [...lead, width] }, { shape: [height, width] }, { shape: [height] }];
      return { inputs: draw.boolean() ? inputs : inputs.slice(0, 2), attrs: undefined };
    },
    errors:
      activation === null
        ? [
            {
              shapes: [
                [2, 3],
                [4, 2],
              ],
            },
            {
              shapes: [[2, 3], [4, 3], [3]],
            },
          ]
        : [],
  });
}

const biasedPrograms = new Map<MapOp | null, MapProgram>();

/** The activation of a product and the bias. */
function biased(activation: MapOp | null): MapProgram {
  if (activation === null) return add.op.program;
  let program = biasedPrograms.get(activation);
  if (program === undefined) {
    program = activation.program.after(add.op.program);
    biasedPrograms.set(activation, program);
  }
  return program;
}

/** The gradient of what went into an activation that is known by what came out. */
function gradientFromResult(activation: MapOp, grad: Tensor, output: Tensor): Tensor {
  const call = { grad, attrs: undefined, inputs: [null], output, shapes: [grad.shape], needs: () => true };
  return activation.gradient(call)[0]!;
}

const linearOp = linearOpWith(null);
const activated = new Map<MapOp, Op<void>>([[relu.op, linearOpWith(relu.op)]]);

/** The record with an activation, if that can be differentiated without what went into it. */
function activatedOp(activation: MapOp): Op<void> | null {
  const resultAlone = 2;
  if (activation.arity !== 1 || activation.saves(1, 1) !== resultAlone) return null;
  let op = activated.get(activation);
  if (op === undefined) {
    op = linearOpWith(activation);
    activated.set(activation, op);
  }
  return op;
}

/**
 * x·Wᵀ + b as one operation: [..., in], weight [out, in] and bias [out] -> [..., out].
 *
 * @param activation of one tensor, applied to the elements of the result. Where its gradient can do with what it
 * returned (`relu`, `sigmoid`, `tanh`), it takes no pass and no memory of its own.
 * @throws ShapeError when the shapes do not fit.
 * @example
 * linear(tensor([1, 2]), tensor([[3, 4]]), tensor([5])).toArray(); // → [16]
 * linear(tensor([1, 2]), tensor([[3, -4]]), null, relu).toArray(); // → [0]
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null, activation?: Unary): Tensor {
  const inputs = bias === undefined || bias === null ? [x, weight] : [x, weight, bias];
  if (activation === undefined) return apply(linearOp, inputs, undefined);
  const op = activatedOp(activation.op);
  return op === null ? activation(apply(linearOp, inputs, undefined)) : apply(op, inputs, undefined);
}
linear.op = linearOp;
