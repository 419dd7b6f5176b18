import { formatShape, normalizeDim, runKernel, ShapeError } from "@thalweg/kernels";
import { maybeDim, tensor } from "../../kinds";
import { boolean, operation, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp, noGradient } from "../define-op";
import { gatherOp } from "../index/gather";
import { div, mul } from "../map/arithmetic";
import type { GradientCall, Op, OpSamples } from "../op";
import { pointwise } from "../pointwise";
import type { Domain } from "../sample";
import { reshapeTo } from "../view/reshape";
import {
  countOf,
  type Dims,
  type ReduceAttrs,
  type ReduceOptions,
  reduction,
  reductionArguments,
  withDims,
} from "./reduction";
import { sum } from "./sums";

const distinct: Domain = { min: -2, max: 2, distinct: true };

/** Whether an element is the extreme one. NaN always is. */
export const isExtreme = pointwise("isExtreme", (x, extreme) => x.eq(extreme).add(x.ne(x)).ne(0));

/** The gradient goes to the extreme elements. Ties share it evenly. */
function toExtremes({ grad, inputs, output, shapes, attrs }: GradientCall<ReduceAttrs>): Tensor[] {
  const hits = isExtreme(inputs[0]!, withDims(output!, shapes[0]!, attrs));
  const share = div(withDims(grad, shapes[0]!, attrs), sum(hits, attrs.dims, { keepDim: true }));
  return [mul(hits, share)];
}

const extremum = (name: string, combine: "max" | "min") =>
  reduction({
    name,
    combine,
    any: true,
    saves: { inputs: "all", output: true },
    gradient: toExtremes,
    domain: distinct,
  });

const largest = extremum("amax", "max");
const smallest = extremum("amin", "min");

export function checkNotEmpty(name: string, x: Tensor, dims: readonly number[]): void {
  if (countOf(x.shape, dims) === 0) {
    throw new ShapeError(
      name,
      `a reduced dimension is empty, shape ${formatShape(x.shape)}`,
      "an empty set has no extreme element",
      [x.shape],
    );
  }
}

function checked(name: string, op: typeof largest) {
  const call = (x: Tensor, dim?: Dims, options?: ReduceOptions): Tensor => {
    const dims =
      dim === undefined ? x.shape.map((_, d) => d) : [dim].flat().map((d) => normalizeDim(name, d, x.ndim));
    checkNotEmpty(name, x, x.ndim === 0 ? [] : dims);
    return op(x, dim, options);
  };
  return operation(name, reductionArguments, call, op.op);
}

/** Largest element over `dim` (all dimensions unless given); NaN if any element is NaN. Ties share the gradient evenly. */
export const amax = checked("amax", largest);

/** Smallest element over `dim` (all dimensions unless given); NaN if any element is NaN. Ties share the gradient evenly. */
export const amin = checked("amin", smallest);

interface ArgAttrs {
  readonly kind: "max" | "min";
  readonly dim: number;
}

const argOp: Op<ArgAttrs> = kernelOp<ArgAttrs>({
  name: "argmax",
  kind: "reduce",
  differentiable: false,
  types: { any: true, result: "int32" },
  shape: ([shape], { dim }) => (shape!.length === 0 ? [] : shape!.with(dim, 1)),
  run: (backend, out, [x], { kind, dim }) => runKernel(backend, "argReduce", kind, out, x!, dim),
  gradient: noGradient,
});

export const argSamples: OpSamples<ArgAttrs> = {
  op: argOp,
  sample(draw) {
    const shape = draw.shape(1, 3);
    return {
      inputs: [{ shape, domain: distinct }],
      attrs: { kind: draw.pick(["max", "min"] as const), dim: draw.int(0, shape.length - 1) },
    };
  },
};

export function arg(
  name: string,
  kind: "max" | "min",
  x: Tensor,
  dim: number | undefined,
  keepDim: boolean,
): Tensor {
  if (dim === undefined) {
    checkNotEmpty(
      name,
      x,
      x.shape.map((_, d) => d),
    );
    const found = apply(argOp, [reshapeTo(x, [x.size])], { kind, dim: 0 });
    return reshapeTo(found, keepDim ? x.shape.map(() => 1) : []);
  }
  const d = normalizeDim(name, dim, x.ndim);
  checkNotEmpty(name, x, x.ndim === 0 ? [] : [d]);
  const found = apply(argOp, [x], { kind, dim: d });
  return keepDim
    ? found
    : reshapeTo(
        found,
        x.shape.filter((_, k) => k !== d),
      );
}

/**
 * Index of the largest element along `dim`, or in the flattened tensor unless `dim` is given. Of equal elements the first
 * counts. The result is int32.
 */
export const argmax = operation(
  "argmax",
  { x: tensor, dim: maybeDim, options: options({ keepDim: boolean }) },
  (x: Tensor, dim?: number, options: ReduceOptions = {}): Tensor => {
    const { keepDim = false } = options;
    return arg("argmax", "max", x, dim, keepDim);
  },
  argOp,
);

/**
 * Index of the smallest element along `dim`, or in the flattened tensor unless `dim` is given; otherwise like {@link
 * argmax}.
 */
export const argmin = operation(
  "argmin",
  { x: tensor, dim: maybeDim, options: options({ keepDim: boolean }) },
  (x: Tensor, dim?: number, options: ReduceOptions = {}): Tensor => {
    const { keepDim = false } = options;
    return arg("argmin", "min", x, dim, keepDim);
  },
);

function chosen(name: string, kind: "max" | "min", x: Tensor, dim: number, keepDim: boolean): Tensor {
  const d = normalizeDim(name, dim, x.ndim);
  const index = arg(name, kind, x, d, true);
  const values = apply(gatherOp, [x, index], { op: name, dim: d });
  return keepDim
    ? values
    : reshapeTo(
        values,
        x.shape.filter((_, k) => k !== d),
      );
}

/**
 * Largest element along `dim`, or of all unless `dim` is given; NaN if any element is NaN. Along `dim` the first of equal
 * elements takes the gradient; over all, ties share it evenly. {@link amax} takes several dims.
 *
 * @example
 * tensor([[1, 5], [7, 2]]).max(1).toArray(); // → [5,7]
 */
export const max = operation(
  "max",
  { x: tensor, dim: maybeDim, options: options({ keepDim: boolean }) },
  (x: Tensor, dim?: number, options: ReduceOptions = {}): Tensor => {
    const { keepDim = false } = options;
    return dim === undefined ? checkedAs("max", x, keepDim) : chosen("max", "max", x, dim, keepDim);
  },
);

/**
 * Smallest element along `dim`, or of all unless `dim` is given; NaN if any element is NaN. Along `dim` the first of equal
 * elements takes the gradient; over all, ties share it evenly. {@link amin} takes several dims.
 */
export const min = operation(
  "min",
  { x: tensor, dim: maybeDim, options: options({ keepDim: boolean }) },
  (x: Tensor, dim?: number, options: ReduceOptions = {}): Tensor => {
    const { keepDim = false } = options;
    return dim === undefined ? checkedAs("min", x, keepDim) : chosen("min", "min", x, dim, keepDim);
  },
);

function checkedAs(name: "max" | "min", x: Tensor, keepDim: boolean): Tensor {
  checkNotEmpty(
    name,
    x,
    x.shape.map((_, d) => d),
  );
  return (name === "max" ? largest : smallest)(x, undefined, { keepDim });
}
