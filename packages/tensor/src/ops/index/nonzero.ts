import { broadcastShapes, type Shape } from "@thalweg/kernels";
import { wrap } from "../../create";
import { tensor } from "../../kinds";
import { boolean, operation, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { reshapeTo } from "../view/reshape";
import { expandOp } from "../view/view";
import { pick } from "./gather";
import { positionsLike, read, readAsync } from "./on-host";

/** Positions of the nonzero elements in row-major order. */
export function nonzeroPositions(elements: ArrayLike<number>): Int32Array {
  let count = 0;
  for (let i = 0; i < elements.length; i++) if (elements[i] !== 0) count++;
  const positions = new Int32Array(count);
  for (let i = 0, at = 0; at < count; i++) if (elements[i] !== 0) positions[at++] = i;
  return positions;
}

/** The coordinate along each dimension of positions in row-major order. */
export function coordinates(positions: Int32Array, shape: Shape): Int32Array[] {
  if (shape.length === 1) return [positions];
  const rest = Int32Array.from(positions);
  const result: Int32Array[] = [];
  for (const extent of shape.toReversed()) {
    const column = new Int32Array(rest.length);
    for (let i = 0; i < rest.length; i++) {
      const value = rest[i]!;
      const next = Math.trunc(value / extent);
      column[i] = value - next * extent;
      rest[i] = next;
    }
    result.unshift(column);
  }
  return result;
}

/** Options of {@link nonzero}. */
export interface NonzeroOptions {
  /** Whether the result is one vector for each dimension, as {@link index} takes them; false unless given. */
  readonly asTuple?: boolean;
}

/** The function with a result for each form of the options. */
export interface Nonzero<One, Tuple> {
  (x: Tensor, options: NonzeroOptions & { readonly asTuple: true }): Tuple;
  (x: Tensor, options?: NonzeroOptions): One;
}

const nonzeroArguments = {
  x: tensor,
  options: /* @__PURE__ */ options<NonzeroOptions>({ asTuple: boolean }),
};

function found(
  x: Tensor,
  elements: ArrayLike<number>,
  { asTuple = false }: NonzeroOptions,
): Tensor | Tensor[] {
  const positions = nonzeroPositions(elements);
  const columns = coordinates(positions, x.shape);
  // As in PyTorch, a scalar counts as a vector here.
  if (asTuple) return (x.ndim === 0 ? [positions] : columns).map((column) => positionsLike(x, column));
  const rows = new Int32Array(positions.length * x.ndim);
  columns.forEach((column, d) => {
    for (let i = 0; i < column.length; i++) rows[i * x.ndim + d] = column[i]!;
  });
  return wrap(x.storage.backend, "int32", rows, [positions.length, x.ndim]);
}

/**
 * The positions of the elements that are not 0, in row-major order: int32 [count, x.ndim], or with `asTuple` a vector for each
 * dimension. NaN is not 0.
 *
 * @throws DeviceError on WebGPU, where {@link nonzeroAsync} works.
 * @example
 * tensor([[1, 0], [0, 5]]).nonzero().toArray(); // → [[0,0],[1,1]]
 */
export const nonzero: Nonzero<Tensor, Tensor[]> = /* @__PURE__ */ operation("nonzero", nonzeroArguments, ((
  x: Tensor,
  options: NonzeroOptions = {},
) => found(x, read("nonzero", x), options)) as Nonzero<Tensor, Tensor[]>);

/** Does the same as {@link nonzero}, on every device. */
export const nonzeroAsync: Nonzero<Promise<Tensor>, Promise<Tensor[]>> = /* @__PURE__ */ operation(
  "nonzeroAsync",
  nonzeroArguments,
  (async (x: Tensor, options: NonzeroOptions = {}) => {
    return found(x, await readAsync("nonzeroAsync", x), options);
  }) as Nonzero<Promise<Tensor>, Promise<Tensor[]>>,
);

/**
 * The positions of the elements that are not 0, as NumPy names it: {@link nonzero} without options.
 *
 * @throws DeviceError on WebGPU, where {@link argwhereAsync} works.
 */
export const argwhere = /* @__PURE__ */ operation(
  "argwhere",
  { x: tensor },
  (x: Tensor): Tensor => found(x, read("argwhere", x), {}) as Tensor,
);

/** Does the same as {@link argwhere}, on every device. */
export const argwhereAsync = /* @__PURE__ */ operation(
  "argwhereAsync",
  { x: tensor },
  async (x: Tensor): Promise<Tensor> => found(x, await readAsync("argwhereAsync", x), {}) as Tensor,
);

/** Broadcasts both, and takes the elements where the mask is nonzero. */
function chosen(op: string, x: Tensor, mask: Tensor, elements: ArrayLike<number>): Tensor {
  const wide = apply(expandOp, [x], broadcastShapes(op, [x.shape, mask.shape]));
  const flat = reshapeTo(wide, [wide.size]);
  return pick(op, flat, 0, positionsLike(x, nonzeroPositions(elements)));
}

function broadcastMask(op: string, x: Tensor, mask: Tensor): Tensor {
  return apply(expandOp, [mask], broadcastShapes(op, [x.shape, mask.shape]));
}

const maskedArguments = { x: tensor, mask: tensor };

/**
 * The elements where `mask` is nonzero, in row-major order, as a vector. Both operands broadcast.
 *
 * @throws DeviceError on WebGPU, where {@link maskedSelectAsync} works.
 * @example
 * const x = tensor([[1, -2], [-3, 4]]);
 * x.maskedSelect(x.gt(0)).toArray(); // → [1,4]
 */
export const maskedSelect = /* @__PURE__ */ operation(
  "maskedSelect",
  maskedArguments,
  (x: Tensor, mask: Tensor): Tensor => {
    return chosen("maskedSelect", x, mask, read("maskedSelect", broadcastMask("maskedSelect", x, mask)));
  },
);

/** Does the same as {@link maskedSelect}, on every device. */
export const maskedSelectAsync = /* @__PURE__ */ operation(
  "maskedSelectAsync",
  maskedArguments,
  async (x: Tensor, mask: Tensor): Promise<Tensor> => {
    const op = "maskedSelectAsync";
    return chosen(op, x, mask, await readAsync(op, broadcastMask(op, x, mask)));
  },
);
