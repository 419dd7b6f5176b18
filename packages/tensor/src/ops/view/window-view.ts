import { Layout, runMap } from "@thalweg/kernels";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import { sub } from "../map/arithmetic";
import { clone, copying } from "../map/clone";
import type { Op, OpSamples } from "../op";
import { onDense, placeBack, scatterView, type ViewRecord, view } from "./view";

const windowView: ViewRecord<Layout> = view({
  name: "window",
  layout: (layout, { shape, strides, offset }) => new Layout(shape, strides, offset + layout.offset),
  gradient: placeBack(() => asStridedOp),
});

export const windowSamples: OpSamples<Layout> = {
  op: windowView,
  sample(draw) {
    const shape = draw.shape(1, 3);
    const dim = draw.int(0, shape.length - 1);
    return { inputs: [{ shape }], attrs: Layout.contiguous(shape).select(dim, draw.int(0, shape[dim]! - 1)) };
  },
};

/**
 * An arbitrary layout over a row-major tensor, with offsets from its start. The input is copied where it is not
 * row-major.
 */
export const asStridedOp: ViewRecord<Layout> = Object.assign(windowView, {
  forward: onDense(windowView.forward),
});

/** A copy of `base` with `part` as the elements of `layout`: the meaning of an in-place write to a view. */
export const asStridedScatterOp: Op<Layout> = kernelOp<Layout>({
  types: { any: true },
  name: "asStridedScatter",
  kind: "view",
  shape: ([shape]) => shape!,
  run(backend, out, [base, part], layout) {
    runMap(backend, copying(out.dtype), [out], [base!]);
    runMap(backend, copying(out.dtype), [{ storage: out.storage, layout }], [part!]);
  },
  gradient({ grad, attrs: layout, shapes }) {
    const g = grad.layout.isContiguous ? grad : clone(grad);
    const part = apply(asStridedOp, [g], layout);
    const attrs = { shape: shapes[0]!, view: asStridedOp as ViewRecord<unknown>, attrs: layout, fill: 0 };
    return [sub(g, apply(scatterView, [part], attrs)), part];
  },
});

export const overwriteSamples: OpSamples<Layout> = {
  op: asStridedScatterOp,
  sample(draw) {
    const shape = draw.shape(1, 3);
    const dim = draw.int(0, shape.length - 1);
    const layout = Layout.contiguous(shape).select(dim, draw.int(0, shape[dim]! - 1));
    return { inputs: [{ shape }, { shape: layout.shape }], attrs: layout };
  },
};
