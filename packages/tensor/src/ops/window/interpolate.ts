import { ArgumentError, formatShape, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../create";
import { sizes, tensor as tensorKind } from "../../kinds";
import { boolean, oneOf, options as optionsOf } from "../../signature";
import type { Tensor } from "../../tensor";
import { composite } from "../define-op";
import { indexSelect } from "../index/gather";
import { lerp } from "../map/arithmetic";
import { clone } from "../map/clone";
import { checkFloating } from "../types";
import { each, type Sizes } from "./sizes";

/** Options of {@link interpolate}. */
export interface InterpolateOptions {
  /** Sizes of the result: one for all spatial dimensions, or one for each; from `scaleFactor` unless given. */
  readonly size?: Sizes;
  /** Factors of the sizes, which are rounded down; from `size` unless given. There must be one of them. */
  readonly scaleFactor?: Sizes;
  /** The nearest element, or a mean of the four around, weighted by their distances; `"nearest"` unless given. */
  readonly mode?: "nearest" | "bilinear";
  /** Whether `"bilinear"` has the centers of the corners in common, not their edges; false unless given. */
  readonly alignCorners?: boolean;
}

const op = "interpolate";

/** A spatial dimension: its size, that of the result, and how many elements one of the result is wide. */
interface Line {
  readonly extent: number;
  readonly count: number;
  readonly step: number;
}

function lineOf(x: Tensor, k: number, size: readonly number[] | undefined, factors: readonly number[]): Line {
  const extent = x.shape[k + 2]!;
  const factor = factors[k];
  const count = size?.[k] ?? Math.floor(extent * factor!);
  if (count < 1 || extent < 1) {
    throw new ShapeError(
      op,
      `nothing to compute, dim ${k + 2} of shape ${formatShape(x.shape)} becomes ${count}`,
      "sizes must be 1 at least",
      [x.shape],
    );
  }
  return { extent, count, step: factor === undefined ? extent / count : 1 / factor };
}

const select = (x: Tensor, dim: number, positions: readonly number[]) =>
  indexSelect(x, dim, tensor([...positions], { device: x.device, dtype: "int32" }));

/** PyTorch computes these positions in float32. */
function nearest(x: Tensor, dim: number, { extent, count, step }: Line): Tensor {
  const at = (i: number) => Math.floor(Math.fround(Math.fround(step) * i));
  return select(
    x,
    dim,
    Array.from({ length: count }, (_, i) => Math.min(extent - 1, at(i))),
  );
}

function linear(x: Tensor, dim: number, { extent, count, step }: Line, isAligned: boolean): Tensor {
  const places = Array.from({ length: count }, (_, i) =>
    isAligned ? (count > 1 ? (i * (extent - 1)) / (count - 1) : 0) : Math.max(0, (i + 0.5) * step - 0.5),
  );
  const before = places.map((place) => Math.min(extent - 1, Math.floor(place)));
  const after = before.map((at) => Math.min(extent - 1, at + 1));
  const weights = tensor(
    places.map((place, i) => Math.min(1, place - before[i]!)),
    { device: x.device, dtype: x.dtype, shape: x.shape.map((_, d) => (d === dim ? count : 1)) },
  );
  return lerp(select(x, dim, before), select(x, dim, after), weights);
}

function resized(x: Tensor, options: InterpolateOptions = {}): Tensor {
  const { size, scaleFactor, mode = "nearest", alignCorners } = options;
  const spatial = x.ndim - 2;
  if (spatial < 1 || (mode === "bilinear" && spatial !== 2)) {
    const needed = mode === "bilinear" ? "[n, c, h, w]" : "[n, c, ...]";
    throw new ShapeError(
      op,
      `the mode ${mode} needs ${needed}, got shape ${formatShape(x.shape)}`,
      "reshape it first",
      [x.shape],
    );
  }
  if ((size === undefined) === (scaleFactor === undefined)) {
    const problem = size === undefined ? "neither size nor scaleFactor is" : "both size and scaleFactor are";
    throw new ArgumentError(op, `${problem} given`, "give one of them");
  }
  if (mode === "nearest" && alignCorners !== undefined) {
    throw new ArgumentError(
      op,
      "alignCorners does not apply to the mode nearest",
      'leave it out, or use mode: "bilinear"',
    );
  }
  if (mode === "bilinear") checkFloating(op, x);
  const given = size === undefined ? undefined : each(op, "size", size, spatial, 1);
  const factors = scaleFactor === undefined ? [] : factorsOf(scaleFactor, spatial);
  let y = x;
  for (let k = 0; k < spatial; k++) {
    const line = lineOf(x, k, given, factors);
    if (line.count === line.extent && line.step === 1) continue;
    y = mode === "nearest" ? nearest(y, k + 2, line) : linear(y, k + 2, line, alignCorners === true);
  }
  return y === x ? clone(x) : y;
}

function factorsOf(given: Sizes, count: number): readonly number[] {
  const factors = typeof given === "number" ? new Array<number>(count).fill(given) : given;
  if (
    factors.length !== count ||
    !factors.every((factor) => factor > 0 && factor < Number.POSITIVE_INFINITY)
  ) {
    throw new ArgumentError(
      op,
      `scaleFactor is ${typeof given === "number" ? given : formatShape(given)}`,
      `give one number above 0, or ${count}`,
    );
  }
  return factors;
}

/**
 * Resizes images, or what else has spatial dimensions: [n, c, ...] -> [n, c, ...sizes]. The mode `"bilinear"` is for
 * [n, c, h, w]. A copy.
 *
 * @throws ShapeError when there are no such dimensions, or a size is 0.
 * @throws ArgumentError when the options contradict each other.
 * @example
 * interpolate(tensor([[[1, 2]]]), { scaleFactor: 2 }).toArray(); // → [[[1,1,2,2]]]
 */
export const interpolate = /* @__PURE__ */ composite(resized, {
  name: "interpolate",
  takes: {
    x: tensorKind,
    options: optionsOf<InterpolateOptions>({
      size: sizes,
      scaleFactor: sizes,
      mode: oneOf("nearest", "bilinear"),
      alignCorners: boolean,
    }),
  },
  forward: ([x], options: InterpolateOptions) => resized(x as Tensor, options),
  sample(draw) {
    const shape = [draw.int(1, 2), draw.int(1, 2), draw.int(1, 3), draw.int(1, 3)];
    const mode = draw.pick(["nearest", "bilinear"] as const);
    const size: readonly [number, number] = [draw.int(1, 4), draw.int(1, 4)];
    const how = draw.boolean() ? { size } : { scaleFactor: draw.pick([1, 1.5, 2]) };
    const corners = mode === "bilinear" ? { alignCorners: draw.boolean() } : {};
    return { inputs: [{ shape }], attrs: { ...how, ...corners, mode } };
  },
  errors: [
    { shapes: [[2, 3]], args: [{ size: 2 }] },
    { shapes: [[1, 2, 3]], args: [{ size: 2, mode: "bilinear" }] },
    { shapes: [[1, 2, 3]], args: [{}] },
    { shapes: [[1, 2, 3]], args: [{ size: 2, scaleFactor: 2 }] },
    { shapes: [[1, 2, 3]], args: [{ size: 2, alignCorners: true }] },
    { shapes: [[1, 2, 3]], args: [{ scaleFactor: 0.25 }] },
    { shapes: [[1, 2, 3]], args: [{ scaleFactor: -1 }] },
  ],
});
