import type { Expr, Shape } from "@thalweg/kernels";
import {
  type Combine,
  type DType,
  dtypeOf,
  elementTypes,
  normalizeDims,
  ReduceProgram,
  trace,
  typedReduction,
} from "@thalweg/kernels";
import { maybeDims, tensor } from "../../kinds";
import { boolean, operation, options } from "../../signature";
import { Tensor } from "../../tensor";
import { apply } from "../apply";
import type { GradientCall, Op, Saves } from "../op";
import { commonBackend } from "../operands";
import { register } from "../registry";
import type { Domain, Draw, ErrorSample, Sample } from "../sample";
import { checkFloating } from "../types";
import { reshapeTo } from "../view/reshape";

/** Which dimensions a reduction is over: one, several, or all when missing. */
export type Dims = number | readonly number[];

/** Options of reductions. */
export interface ReduceOptions {
  /** Leave the reduced dimensions in place, with extent 1; false unless given. */
  readonly keepDim?: boolean;
}

export interface ReduceAttrs {
  readonly dims: readonly number[];
  readonly keepDim: boolean;
}

interface Described {
  readonly name: string;
  readonly combine: Combine;
  /** What is combined; the element itself unless given. */
  readonly map?: (x: Expr) => Expr;
  /** Of the combined value and the number of elements. */
  readonly finish?: (value: Expr, count: Expr) => Expr;
  readonly differentiable?: boolean;
  /** Whether the elements need not be floating; false unless given. */
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

/** A reduction over a random choice of dims. */
export function drawReduction(draw: Draw, domain: Domain | undefined): Sample<ReduceAttrs> {
  const shape = draw.shape(0, 3);
  const all = shape.map((_, d) => d);
  const dims = draw.boolean() ? all : all.filter(() => draw.boolean());
  return {
    inputs: [domain === undefined ? { shape } : { shape, domain }],
    attrs: { dims: dims.length === 0 ? all : dims, keepDim: draw.boolean() },
  };
}

/** What all reductions take. */
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
  const known: Partial<Record<DType, { readonly program: ReduceProgram; readonly dtype: DType }>> = {};
  const typedFor = (dtype: DType) => {
    const { program: typed, kind } = typedReduction(program, [elementTypes[dtype].kind]);
    return { program: typed, dtype: dtypeOf(kind, dtype) };
  };
  const op: ReduceOp = register<ReduceOp>({
    name,
    kind: "reduce",
    differentiable: described.differentiable ?? true,
    shape: ([shape], attrs) => reducedShape(shape!, attrs),
    forward(inputs, attrs) {
      const backend = commonBackend(name, inputs);
      const x = inputs[0] as Tensor;
      const { dims, keepDim } = attrs;
      const { kept, rest } = x.layout.reduced(dims, name);
      const { dtype } = x.storage;
      if (described.any !== true) checkFloating(name, x);
      const typed = (known[dtype] ??= typedFor(dtype));
      const storage = backend.allocate(typed.dtype, kept.size, kept.shape);
      backend.reduce(typed.program, { storage, layout: kept }, [x], dims);
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

/** The result of a reduction, or its gradient, with the reduced dimensions back in place as 1. */
export function withDims(reduced: Tensor, shape: Shape, attrs: ReduceAttrs): Tensor {
  return attrs.keepDim
    ? reduced
    : reshapeTo(reduced, reducedShape(shape, { dims: attrs.dims, keepDim: true }));
}

/** Number of elements that are combined into one. */
export function countOf(shape: Shape, dims: readonly number[]): number {
  return dims.reduce((count, dim) => count * shape[dim]!, 1);
}
