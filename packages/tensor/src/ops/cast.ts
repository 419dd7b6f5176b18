import type { Backend, DType } from "@thalweg/kernels";
import { backendFor, elementTypes, isFloating } from "@thalweg/kernels";
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
    // Both floating types are there on the CPU alone, whose memory copies faster than any kernel.
    if (backend !== from.backend || (isFloating(from.dtype) && isFloating(dtype))) {
      return wrap(backend, dtype, from.backend.readSync(x, "to"), x.shape);
    }
    const out = allocate(backend, dtype, x.shape, "to");
    backend.map(copying(from.dtype, dtype), [out], [x]);
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
 * The tensor in another element type (`"float32"`, `"float64"`, `"int32"`, `"bool"`) or on another device
 * (`"cpu"`); itself when it is there already, else a copy. A float that becomes an int is cut off towards 0, at
 * the extremes of int32 and with 0 for NaN; what is not 0 becomes true. The gradient goes back the same way.
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
 * As {@link to}, also from a device that answers later. A copy without history: nothing is recorded.
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

/** A condition that goes with data: as it is, unless its own floating type would have a say in that of the result. */
export function conditionFor(condition: Operand, data: Operand): Operand {
  if (typeof condition === "number" || typeof data === "number") return condition;
  return !isFloating(condition.dtype) || condition.dtype === data.dtype ? condition : ne(condition, 0);
}
