import type { Layout, Shape } from "@thalweg/kernels";
import { runMap } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp, viewOp } from "../define-op";
import { add } from "../map/arithmetic";
import { clone, copying } from "../map/clone";
import type { GradientCall, Op, OpSamples } from "../op";
import type { Draw } from "../sample";

interface Placed {
  readonly shape: Shape;
  /** The record of the view. */
  readonly view: ViewRecord<unknown>;
  readonly attrs: unknown;
  /** The value of elements outside the view. */
  readonly fill: number;
}

/** The record of a view. */
export interface ViewRecord<A> extends Op<A> {
  look(layout: Layout, attrs: A): Layout;
}

/** Makes the record of a view, with its layout rule as `look` for {@link scatterView}. */
export function view<A>(record: Parameters<typeof viewOp<A>>[0]): ViewRecord<A> {
  return Object.assign(viewOp(record), { look: record.layout });
}

/**
 * The adjoint of a view: a tensor of `shape` with the input as the elements of the view, and `fill` elsewhere.
 * Overlapping windows are summed. Its gradient is the view itself.
 */
export const scatterView: Op<Placed> = kernelOp<Placed>({
  types: { any: true },
  name: "scatterView",
  kind: "view",
  shape: (_, { shape }) => shape,
  run(backend, out, [x], { view: { look }, attrs, fill }) {
    runMap(backend, copying(out.dtype), [out], [fill]);
    const layout = look(out.layout, attrs);
    const { storage } = out;
    if (!layout.overlaps) {
      runMap(backend, copying(out.dtype), [{ storage, layout }], [x!]);
      return;
    }
    const last = layout.ndim - 1;
    for (let k = 0; k < layout.shape[last]!; k++) {
      const window = { storage, layout: layout.select(last, k) };
      const part = { storage: x!.storage, layout: x!.layout.select(last, k) };
      runMap(backend, add.op.program, [window], [window, part]);
    }
  },
  gradient: ({ grad, attrs: { view: record, attrs } }) => [apply(record, [grad], attrs)],
});

export const placeSamples: OpSamples<Placed> = {
  op: scatterView,
  sample(draw) {
    const samples = draw.pick([sliceSamples, diagonalSamples, unfoldSamples]) as OpSamples<unknown>;
    const record = samples.op as ViewRecord<unknown>;
    const { inputs, attrs } = samples.sample(draw);
    const shape = inputs[0]!.shape;
    return {
      inputs: [{ shape: record.shape([shape], attrs) }],
      attrs: { shape, view: record, attrs, fill: draw.int(0, 1) },
    };
  },
};

/** The gradient rule of a view of some of the elements. */
export function placeBack<A>(record: () => ViewRecord<A>) {
  return ({ grad, shapes, attrs }: GradientCall<A>): Tensor[] => [
    apply(scatterView, [grad], { shape: shapes[0]!, view: record() as ViewRecord<unknown>, attrs, fill: 0 }),
  ];
}

export const permuteOp: ViewRecord<readonly number[]> = view({
  name: "permute",
  layout: (layout, dims) => layout.permute(dims),
  gradient: ({ grad, attrs }) => [apply(permuteOp, [grad], inverse(attrs))],
});

export const permuteSamples: OpSamples<readonly number[]> = {
  op: permuteOp,
  sample(draw) {
    const shape = draw.shape(0, 4);
    return { inputs: [{ shape }], attrs: shuffled(draw, shape.length) };
  },
  errors: [
    {
      shapes: [[2, 3]],
      args: [[0, 0]],
    },
  ],
};

function inverse(dims: readonly number[]): number[] {
  const result = new Array<number>(dims.length);
  dims.forEach((dim, to) => {
    result[dim] = to;
  });
  return result;
}

function shuffled(draw: Draw, count: number): number[] {
  const left = Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: count }, () => left.splice(draw.int(0, left.length - 1), 1)[0]!);
}

/** The gradient has the broadcast shape. The walk of `backward` sums it to the shape of the input. */
export const expandOp: ViewRecord<Shape> = view({
  name: "expand",
  layout: (layout, shape) => layout.expand(shape),
  gradient: ({ grad }) => [grad],
});

export const expandSamples: OpSamples<Shape> = {
  op: expandOp,
  sample(draw) {
    const shape = draw.shape(0, 3);
    const from = draw.int(0, shape.length);
    return { inputs: [{ shape: shape.slice(from).map((n) => (draw.boolean() ? 1 : n)) }], attrs: shape };
  },
  errors: [
    {
      shapes: [[3]],
      args: [[2, 4]],
    },
  ],
};

/** Positions along one dimension; `step` may be negative. */
export interface Slice {
  readonly dim: number;
  readonly start: number;
  readonly length: number;
  readonly step: number;
}

export const sliceOp: ViewRecord<Slice> = view({
  name: "slice",
  layout: (layout, { dim, start, length, step }) => layout.slice(dim, start, length, step),
  gradient: placeBack(() => sliceOp),
});

export interface Position {
  readonly dim: number;
  readonly index: number;
}

export const selectOp: ViewRecord<Position> = view({
  name: "select",
  layout: (layout, { dim, index }) => layout.select(dim, index),
  gradient: placeBack(() => selectOp),
});

export const selectSamples: OpSamples<Position> = {
  op: selectOp,
  sample(draw) {
    const shape = draw.shape(1, 3);
    const dim = draw.int(0, shape.length - 1);
    return { inputs: [{ shape }], attrs: { dim, index: draw.int(0, shape[dim]! - 1) } };
  },
  errors: [
    { shapes: [[2, 3]], args: [1, 3] },
    { shapes: [[]], args: [0, 0] },
  ],
};

export const sliceSamples: OpSamples<Slice> = {
  op: sliceOp,
  sample(draw) {
    const shape = draw.shape(1, 3);
    const dim = draw.int(0, shape.length - 1);
    const extent = shape[dim]!;
    const start = draw.int(0, extent - 1);
    const step = draw.pick([-2, -1, 1, 2]);
    const most = Math.floor((step > 0 ? extent - 1 - start : start) / Math.abs(step)) + 1;
    return { inputs: [{ shape }], attrs: { dim, start, length: draw.int(0, most), step } };
  },
  errors: [
    {
      fn: "narrow",
      shapes: [[2, 3]],
      args: [1, 2, 2],
    },
    { fn: "narrow", shapes: [[]], args: [0, 0, 1] },
    { fn: "split", shapes: [[]], args: [1] },
    { fn: "chunk", shapes: [[]], args: [2] },
    { fn: "unbind", shapes: [[]] },
    {
      shapes: [[2]],
      args: [null, null],
    },
  ],
};

export interface Diagonal {
  readonly offset: number;
  readonly dim1: number;
  readonly dim2: number;
}

export const diagonalOp: ViewRecord<Diagonal> = view({
  name: "diagonal",
  layout: (layout, { offset, dim1, dim2 }) => layout.diagonal(offset, dim1, dim2),
  gradient: placeBack(() => diagonalOp),
});

export const diagonalSamples: OpSamples<Diagonal> = {
  op: diagonalOp,
  sample(draw) {
    const shape = draw.shape(2, 3);
    const [dim1, dim2] = shuffled(draw, shape.length) as [number, number];
    return { inputs: [{ shape }], attrs: { offset: draw.int(-2, 2), dim1, dim2 } };
  },
  errors: [
    {
      shapes: [[2, 3]],
      args: [{ dim1: 1, dim2: -1 }],
    },
  ],
};

export interface Unfold {
  readonly dim: number;
  readonly size: number;
  readonly step: number;
  /** Distance between the elements of a window. */
  readonly spacing: number;
}

export const unfoldOp: ViewRecord<Unfold> = view({
  name: "unfold",
  layout: (layout, { dim, size, step, spacing }) => layout.unfold(dim, size, step, spacing),
  gradient: placeBack(() => unfoldOp),
});

export const unfoldSamples: OpSamples<Unfold> = {
  op: unfoldOp,
  sample(draw) {
    const shape = draw.shape(1, 3);
    const dim = draw.int(0, shape.length - 1);
    const [size, spacing] = [draw.int(1, shape[dim]!), draw.int(1, 2)];
    const fits = (size - 1) * spacing < shape[dim]!;
    const attrs = { dim, size, step: draw.int(1, 3), spacing: fits ? spacing : 1 };
    return { inputs: [{ shape }], attrs };
  },
  errors: [
    {
      shapes: [[3]],
      args: [0, 4, 1],
    },
    { shapes: [[]], args: [0, 2, 1] },
  ],
};

/** Makes a forward rule that copies the input first where it is not row-major. */
export function onDense<A>(forward: Op<A>["forward"]): Op<A>["forward"] {
  return ([input], attrs) => {
    const x = input as Tensor;
    return forward([x.layout.isContiguous ? x : clone.op.forward([x], undefined)], attrs);
  };
}

/** Pads with a constant: embeds `x` in a larger tensor. */
export function embed(x: Tensor, shape: Shape, slice: Slice, fill: number): Tensor {
  return apply(scatterView, [x], { shape, view: sliceOp as ViewRecord<unknown>, attrs: slice, fill });
}
