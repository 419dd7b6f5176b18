import type { Backend, DType } from "@thalweg/kernels";
import { backendFor, elementTypes, isFloating, runMap } from "@thalweg/kernels";
import { wrap } from "../create";
import { tensor } from "../kinds";
import { checkArguments, operation, string } from "../signature";
import type { Tensor } from "../tensor";
import { apply } from "./apply";
import { copying } from "./map/clone";
import { ne } from "./map/comparison";
import type { Op, OpSamples } from "./op";
import { allocate, commonBackend } from "./operands";
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
    return wrap(backend, x.dtype, x.storage.backend.readSync(x, "to"), x.shape);
  },
  saves: () => 0,
  gradient: ({ grad, attrs: { from, to } }) => [apply(moveOp, [grad], { from: to, to: from })],
});

interface Cast {
  readonly from: DType;
  readonly to: DType;
}

const castOp: Op<Cast> = register<Op<Cast>>({
  name: "to",
  kind: "opaque",
  differentiable: true,
  shape: ([shape]) => shape!,
  forward([input], { from, to }) {
    const x = input as Tensor;
    const { backend } = x.storage;
    // Only the CPU has both types, and there a copy of the memory is faster than any kernel.
    if (isFloating(from) && isFloating(to)) return wrap(backend, to, backend.readSync(x, "to"), x.shape);
    const out = allocate(backend, to, x.shape, "to");
    runMap(backend, copying(from, to), [out], [x]);
    return out;
  },
  saves: () => 0,
  gradient: ({ grad, attrs: { from, to } }) => [apply(castOp, [grad], { from: to, to: from })],
});

export const castSamples: OpSamples<Cast> = {
  op: castOp,
  sample: (draw) => ({ inputs: [{ shape: draw.shape(0, 3) }], attrs: { from: "float64", to: "float64" } }),
};

export const moveSamples: OpSamples<Move> = {
  op: moveOp,
  sample(draw) {
    const backend = backendFor("to", "cpu");
    return { inputs: [{ shape: draw.shape(0, 3) }], attrs: { from: backend, to: backend } };
  },
  errors: [{ shapes: [[2]], args: ["abacus"] }],
};

/**
 * Converts the tensor to another element type (`"float32"`, `"float64"`, `"int32"`, `"bool"`) or moves it to another
 * device (`"cpu"`, `"webgpu"`). Returns the tensor itself if nothing changes, otherwise a copy. Floats are truncated to
 * int32 and limited to its range, and NaN becomes 0. As a bool, every number but 0 is true. The gradient is converted
 * back.
 *
 * @example
 * tensor([1.9, -1.9]).to("int32").toArray(); // → [1,-1]
 */
export const to = operation(
  "to",
  { x: tensor, target: string },
  (x: Tensor, target: DType | (string & {})): Tensor => {
    const from = commonBackend("to", [x]);
    if (isDType(target)) {
      backendFor("to", x.device, target);
      return target === x.dtype ? x : apply(castOp, [x], { from: x.dtype, to: target });
    }
    const backend = backendFor("to", target, x.dtype);
    return backend === from ? x : apply(moveOp, [x], { from, to: backend });
  },
  moveOp,
);

/**
 * Does the same as {@link to}, also from a device that cannot be read synchronously. The result is always a copy, without
 * history: nothing is recorded.
 *
 * @example
 * const x = await tensor([1, 2]).toAsync("float64");
 * x.dtype; // → "float64"
 */
export async function toAsync(x: Tensor, target: DType | (string & {})): Promise<Tensor> {
  checkArguments("toAsync", { x: tensor, target: string }, [x, target]);
  const dtype = isDType(target) ? target : x.dtype;
  const backend = backendFor("toAsync", isDType(target) ? x.device : target, dtype);
  return wrap(backend, dtype, await x.data(), x.shape);
}

function isDType(target: string): target is DType {
  return Object.hasOwn(elementTypes, target);
}

/** Returns the condition, as a bool where its floating type would otherwise promote the data. */
export function conditionFor(condition: Operand, data: Operand): Operand {
  if (typeof condition === "number" || typeof data === "number") return condition;
  return !isFloating(condition.dtype) || condition.dtype === data.dtype ? condition : ne(condition, 0);
}
