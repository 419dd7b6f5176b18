import type { Backend, DType } from "@thalweg/kernels";
import { backendFor, elementTypes, isFloating, recorder, runMap } from "@thalweg/kernels";
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

/** A device and an element type that it stores. */
interface Home {
  readonly backend: Backend;
  readonly dtype: DType;
}

interface Way {
  readonly from: Home;
  readonly to: Home;
}

const toOp: Op<Way> = register<Op<Way>>({
  name: "to",
  kind: "opaque",
  differentiable: true,
  shape: ([shape]) => shape!,
  forward([input], { from, to: { backend, dtype } }) {
    const x = input as Tensor;
    // Only the CPU has both floating types, and there a copy of the memory is faster than any kernel.
    const isFloat = isFloating(from.dtype) && isFloating(dtype);
    if (backend !== from.backend || (isFloat && recorder === null)) {
      recorder?.read("to", "move it before the call");
      return wrap(backend, dtype, from.backend.readSync(x, "to"), x.shape);
    }
    const out = allocate(backend, dtype, x.shape, "to");
    runMap(backend, copying(from.dtype, dtype), [out], [x]);
    return out;
  },
  saves: () => 0,
  gradient: ({ grad, attrs: { from, to } }) => [apply(toOp, [grad], { from: to, to: from })],
});

export const toSamples: OpSamples<Way> = {
  op: toOp,
  sample(draw) {
    const home = { backend: backendFor("to", "cpu"), dtype: "float64" } as const;
    return { inputs: [{ shape: draw.shape(0, 3) }], attrs: { from: home, to: home } };
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
    const from = { backend: commonBackend("to", [x]), dtype: x.dtype };
    const home = homeOf("to", x, target);
    const isThere = home.backend === from.backend && home.dtype === from.dtype;
    return isThere ? x : apply(toOp, [x], { from, to: home });
  },
  toOp,
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
  const { backend, dtype } = homeOf("toAsync", x, target);
  return wrap(backend, dtype, await x.data(), x.shape);
}

function isDType(target: string): target is DType {
  return Object.hasOwn(elementTypes, target);
}

/** Where a tensor goes: the target is an element type, or a device. */
function homeOf(op: string, x: Tensor, target: string): Home {
  const [device, dtype] = isDType(target) ? [x.device, target] : [target, x.dtype];
  return { backend: backendFor(op, device, dtype), dtype };
}

/** Returns the condition, as a bool where its floating type would otherwise promote the data. */
export function conditionFor(condition: Operand, data: Operand): Operand {
  if (typeof condition === "number" || typeof data === "number") return condition;
  return !isFloating(condition.dtype) || condition.dtype === data.dtype ? condition : ne(condition, 0);
}
