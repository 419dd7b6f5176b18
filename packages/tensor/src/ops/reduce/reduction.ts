import type { Expr, Shape } from "@thalweg/kernels";
import { type Combine, normalizeDims, ReduceProgram, runReduce, trace } from "@thalweg/kernels";
import { maybeDims, tensor } from "../../kinds";
import { boolean, operation, options } from "../../signature";
import { Tensor } from "../../tensor";
import { apply } from "../apply";
import type { GradientCall, Op, Saves } from "../op";
import { commonBackend } from "../operands";
import { register } from "../registry";
import type { Domain, Draw, ErrorSample, Sample } from "../sample";
import { checkFloating, plainBackend, resolveReduction } from "../types";
import { reshapeTo } from "../view/reshape";

/** Dimensions of a reduction: one or several. All dimensions unless given. */
export type Dims = number | readonly number[];

/** Options of reductions. */
export interface ReduceOptions {
  /** Keep the reduced dimensions, with extent 1; false unless given. */
  readonly keepDim?: boolean;
}

export interface ReduceAttrs {
  readonly dims: readonly number[];
  readonly keepDim: boolean;
}

interface Described {
  readonly name: string;
  readonly combine: Combine;
  /** The function of an element that is combined; the element itself unless given. */
  readonly map?: (x: Expr) => Expr;
  /** The result, from the combined value and the number of elements; the combined value unless given. */
  readonly finish?: (value: Expr, count: Expr) => Expr;
  readonly differentiable?: boolean;
  /** Whether the elements may have any type; false unless given, for floating types only. */
  readonly any?: boolean;
  readonly saves?: Saves;
  readonly gradient?: (call: GradientCall<ReduceAttrs>) => readonly (Tensor | null)[];
  readonly domain?: Domain;
  readonly errors?: readonly ErrorSample[];
}

function reducedShape(shape: Shape, { dims, keepDim }: ReduceAttrs): Shape {
  if (keepDim) return shape.map((extent, d) => (dims.includes(d) ? 1 : extent));
  return shape.filter((_, d) => !dims.includes(d));
}

/** The record of a reduction. */
export interface ReduceOp extends Op<ReduceAttrs> {
  readonly domain: Domain | undefined;
}

/** Draws a reduction over random dims. */
export function drawReduction(draw: Draw, domain: Domain | undefined): Sample<ReduceAttrs> {
  const shape = draw.shape(0, 3);
  const all = shape.map((_, d) => d);
  const dims = draw.boolean() ? all : all.filter(() => draw.boolean());
  return {
    inputs: [domain === undefined ? { shape } : { shape, domain }],
    attrs: { dims: dims.length === 0 ? all : dims, keepDim: draw.boolean() },
  };
}

/** The kinds of the arguments of reductions. */
export const reductionArguments = {
  x: tensor,
  dim: maybeDims,
  options: options<ReduceOptions>({ keepDim: boolean }),
};

/** Makes the record of a reduction and the function that calls it. */
export function reduction(described: Described) {
  const { name, combine, map = (x) => x, finish = (value) => value } = described;
  const program = new ReduceProgram(name, combine, 1, trace(1, map), trace(2, finish));
  const saves = described.saves ?? {};
  const op: ReduceOp = register<ReduceOp>({
    name,
    kind: "reduce",
    differentiable: described.differentiable ?? true,
    shape: ([shape], attrs) => reducedShape(shape!, attrs),
    forward(inputs, attrs) {
      const plain = plainBackend(inputs);
      const backend = plain ?? commonBackend(name, inputs);
      const x = inputs[0] as Tensor;
      const { dims, keepDim } = attrs;
      const { kept, rest } = x.layout.reduced(dims, name);
      if (plain === null && described.any !== true) checkFloating(name, x);
      const typed = resolveReduction(program, inputs, plain !== null);
      const storage = backend.allocate(typed.dtype, kept.size, kept.shape);
      runReduce(backend, typed.program, { storage, layout: kept }, [x], dims);
      return new Tensor(storage, keepDim ? kept : rest);
    },
    saves: () => (saves.inputs === undefined ? 0 : 1) | (saves.output ? 2 : 0),
    gradient: described.gradient ?? (() => [null]),
    domain: described.domain,
    errors: described.errors,
  });
  const call = (x: Tensor, dim?: Dims, options: ReduceOptions = {}): Tensor => {
    const { keepDim = false } = options;
    return apply(op, [x], { dims: normalizeDims(name, dim, x.ndim), keepDim });
  };
  return operation(name, reductionArguments, call, op);
}

/** Restores the reduced dimensions, with extent 1, in the result of a reduction or its gradient. */
export function withDims(reduced: Tensor, shape: Shape, attrs: ReduceAttrs): Tensor {
  return attrs.keepDim
    ? reduced
    : reshapeTo(reduced, reducedShape(shape, { dims: attrs.dims, keepDim: true }));
}

/** Number of elements that are combined to one. */
export function countOf(shape: Shape, dims: readonly number[]): number {
  return dims.reduce((count, dim) => count * shape[dim]!, 1);
}
