import type { Backend, DType } from "@thalweg/kernels";
import { backendFor, Layout } from "@thalweg/kernels";
import { tensor } from "../kinds";
import { checkArguments, operation, string } from "../signature";
import { Tensor } from "../tensor";
import { apply } from "./apply";
import type { Op, OpSamples } from "./op";
import { commonBackend } from "./operands";
import type { Operand } from "./pointwise";
import { register } from "./registry";

interface Move {
  readonly from: Backend;
  readonly to: Backend;
}

const moveOp: Op<Move> = register<Op<Move>>({
  name: "to",
  kind: "opaque",
  differentiable: true,
  shape: ([shape]) => shape!,
  forward([input], { to: backend }) {
    const x = input as Tensor;
    const values = x.storage.backend.readSync(x, "to");
    return new Tensor(backend.upload(values, x.shape), Layout.contiguous(x.shape));
  },
  saves: () => 0,
  gradient: ({ grad, attrs: { from, to } }) => [apply(moveOp, [grad], { from: to, to: from })],
});

export const moveSamples: OpSamples<Move> = {
  op: moveOp,
  sample(draw) {
    const backend = backendFor("to", "cpu", "float64");
    return { inputs: [{ shape: draw.shape(0, 3) }], attrs: { from: backend, to: backend } };
  },
  errors: [{ shapes: [[2]], args: ["abacus"] }],
};

/**
 * The tensor in another element type (`"float32"`, `"float64"`) or on another device (`"cpu"`); itself
 * when it is there already, else a copy. The gradient goes back the same way.
 */
export const to = operation(
  "to",
  { x: tensor, target: string },
  (x: Tensor, target: DType | (string & {})): Tensor => {
    const from = commonBackend("to", [x]);
    const backend = targetOf("to", x, target);
    return backend === from ? x : apply(moveOp, [x], { from, to: backend });
  },
  moveOp,
);

/**
 * As {@link to}, also from a device that answers later. A copy without history: nothing is recorded.
 *
 * @example
 * const x = await tensor([1, 2]).toAsync("float64");
 * x.dtype; // → "float64"
 */
export async function toAsync(x: Tensor, target: DType | (string & {})): Promise<Tensor> {
  checkArguments("toAsync", { x: tensor, target: string }, [x, target]);
  const backend = targetOf("toAsync", x, target);
  return new Tensor(backend.upload(await x.data(), x.shape), Layout.contiguous(x.shape));
}

function targetOf(op: string, x: Tensor, target: string): Backend {
  return isDType(target) ? backendFor(op, x.device, target) : backendFor(op, target, x.dtype);
}

function isDType(target: string): target is DType {
  return target === "float32" || target === "float64";
}

/** An index or a mask in the type of the data it goes with: both types hold it exactly. */
export function typedAs(x: Tensor, data: Operand): Tensor {
  return typeof data === "number" || x.dtype === data.dtype ? x : to(x, data.dtype);
}
