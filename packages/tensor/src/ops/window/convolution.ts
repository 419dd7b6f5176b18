import type { Backend, View } from "@thalweg/kernels";
import { Layout, runContract, runMap, temporarily } from "@thalweg/kernels";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import { add } from "../map/arithmetic";
import { copyProgram } from "../map/clone";
import type { Op } from "../op";
import { sum } from "../reduce/sums";
import type { Draw } from "../sample";
import { drawForm, type Form, type Pair, pair } from "./form";
import { phases } from "./phases";

// The form Σ y[n, o, p] · w[o, c, k] · x[n, c, p·s + k·d - b] of results y, kernels w and images x has three derivatives,
// one by each argument: fprop (by y), wgrad (by w) and dgrad (by x). Their own derivatives are again among the three.

/**
 * The product has one dimension of rows (output channels), two of columns (positions), and three of terms (input
 * channels and the kernel).
 */
const grouping = { rows: 1, columns: 2, terms: 3 };

/** The part of images of `size` from `from` on: a view, or a copy with zeros around it where it leaves the image. */
function cut(backend: Backend, { storage, layout }: View, from: Pair, size: Pair): View {
  const { shape, strides, offset } = layout;
  const inside = pair((d) => Math.max(0, Math.min(shape[d + 2]!, from[d] + size[d]) - Math.max(0, from[d])));
  const look = (at: Layout, start: Pair, extent: Pair) =>
    new Layout(
      [at.shape[0]!, at.shape[1]!, ...extent],
      at.strides,
      at.offset + start[0] * at.strides[2]! + start[1] * at.strides[3]!,
    );
  if (inside[0] === size[0] && inside[1] === size[1]) {
    return { storage, layout: look(new Layout(shape, strides, offset), from, size) };
  }
  const dense = Layout.contiguous([shape[0]!, shape[1]!, ...size]);
  const padded = backend.allocate(storage.dtype, dense.size, dense.shape);
  runMap(backend, copyProgram, [{ storage: padded, layout: dense }], [0]);
  const target = look(
    dense,
    pair((d) => Math.max(0, -from[d])),
    inside,
  );
  const source = look(
    layout,
    pair((d) => Math.max(0, from[d])),
    inside,
  );
  if (target.size > 0) {
    runMap(backend, copyProgram, [{ storage: padded, layout: target }], [{ storage, layout: source }]);
  }
  return { storage: padded, layout: dense };
}

/** Windows of images as [batch, groups, channels of a group, kernel, positions]. */
function windows(
  { storage, layout: { shape, strides, offset } }: View,
  groups: number,
  kernel: Pair,
  places: Pair,
  apart: Pair,
  spacing: Pair,
  start: Pair = [0, 0],
): View {
  const [perImage, perChannel, perRow, perColumn] = strides as [number, number, number, number];
  const channels = shape[1]! / groups;
  const layout = new Layout(
    [shape[0]!, groups, channels, ...kernel, ...places],
    [
      ...[perImage, channels * perChannel, perChannel],
      ...[spacing[0] * perRow, spacing[1] * perColumn],
      ...[apart[0] * perRow, apart[1] * perColumn],
    ],
    offset + start[0] * perRow + start[1] * perColumn,
  );
  return { storage, layout };
}

function windowsOf(backend: Backend, x: View, form: Form): View {
  const { groups, stride, dilation, before, kernel, result } = form;
  const reach = pair((d) => (result[d] - 1) * stride[d] + (kernel[d] - 1) * dilation[d] + 1);
  const seen = cut(
    backend,
    x,
    pair((d) => -before[d]),
    reach,
  );
  return windows(seen, groups, kernel, result, stride, dilation);
}

/** Splits a dimension in two, the first with extent `count`. */
function divided({ storage, layout: { shape, strides, offset } }: View, dim: number, count: number): View {
  const inner = shape[dim]! / count;
  const layout = new Layout(
    shape.toSpliced(dim, 1, count, inner),
    strides.toSpliced(dim, 1, inner * strides[dim]!, strides[dim]!),
    offset,
  );
  return { storage, layout };
}

function permuted({ storage, layout }: View, ...order: number[]): View {
  return { storage, layout: layout.permute(order) };
}

/** Repeats a view along a new first dimension, without a copy. */
function repeated({ storage, layout }: View, count: number): View {
  return { storage, layout: layout.expand([count, ...layout.shape]) };
}

function sizes(draw: Draw) {
  const form = drawForm(draw);
  const [batch, channels, features] = [draw.int(1, 2), draw.int(1, 2), draw.int(1, 2)];
  return {
    attrs: form,
    image: [batch, form.groups * channels, ...form.image],
    kernel: [form.groups * features, channels, ...form.kernel],
    result: [batch, form.groups * features, ...form.result],
    bias: [form.groups * features],
  };
}

/** y from images x [n, c, ...] and kernels w [o, c / groups, ...], with or without a bias [o]. */
export const fpropOp: Op<Form> = /* @__PURE__ */ kernelOp<Form>({
  name: "conv2d",
  kind: "contract",
  saves: { inputs: [0, 1] },
  shape: ([x, w], { result }) => [x![0]!, w![0]!, ...result],
  run(backend, out, [x, w, bias], form) {
    const { groups } = form;
    const y = divided(out, 1, groups);
    const kernels = repeated(divided(w!, 0, groups), out.shape[0]!);
    const epilogue = bias && {
      program: add.op.program,
      operands: [{ storage: bias.storage, layout: biasLayout(bias.layout, y.layout) }],
    };
    temporarily(() => runContract(backend, y, kernels, windowsOf(backend, x!, form), grouping, epilogue));
  },
  gradient: ({ grad, inputs: [x, w], attrs, needs }) => [
    needs(0) ? apply(dgradOp, [grad, w!], attrs) : null,
    needs(1) ? apply(wgradOp, [x!, grad], attrs) : null,
    needs(2) ? sum(grad, [0, 2, 3]) : null,
  ],
  sample(draw) {
    const { attrs, image, kernel, bias } = sizes(draw);
    const inputs = [{ shape: image }, { shape: kernel }, { shape: bias }];
    return { inputs: draw.boolean() ? inputs : inputs.slice(0, 2), attrs };
  },
  errors: [
    {
      shapes: [
        [4, 4],
        [2, 1, 3, 3],
      ],
    },
    {
      shapes: [
        [1, 4, 4],
        [2, 3, 3],
      ],
    },
    {
      shapes: [
        [1, 4, 4],
        [2, 2, 3, 3],
      ],
    },
    {
      shapes: [
        [1, 4, 4],
        [2, 1, 5, 3],
      ],
    },
    {
      shapes: [
        [1, 4, 4],
        [2, 1, 3, 0],
      ],
    },
    {
      shapes: [
        [3, 4, 4],
        [2, 1, 3, 3],
      ],
      args: [{ groups: 2 }],
    },
    {
      shapes: [
        [4, 4, 4],
        [3, 2, 3, 3],
      ],
      args: [{ groups: 2 }],
    },
    {
      shapes: [
        [1, 4, 4],
        [2, 1, 3, 3],
      ],
      args: [{ groups: 0 }],
    },
    {
      shapes: [
        [1, 4, 4],
        [2, 1, 3, 3],
      ],
      args: [{ stride: 0 }],
    },
    {
      shapes: [
        [1, 4, 4],
        [2, 1, 3, 3],
      ],
      args: [{ padding: [1, 2, 3] }],
    },
    {
      shapes: [
        [1, 4, 4],
        [2, 1, 3, 3],
      ],
      args: [{ padding: "same", stride: 2 }],
    },
    {
      shapes: [
        [1, 4, 4],
        [2, 1, 3, 3],
      ],
      args: [{ padding: "full" }],
    },
    {
      shapes: [
        [1, 4, 4],
        [2, 1, 3, 3],
      ],
      args: [{ dilation: 1.5 }],
    },
    { fn: "conv1d", shapes: [[4], [2, 1, 3]] },
    {
      fn: "conv1d",
      shapes: [
        [1, 4],
        [2, 1, 5],
      ],
    },
    {
      fn: "conv1d",
      shapes: [
        [1, 4],
        [2, 1, 3],
      ],
      args: [{ padding: [1, 1] }],
    },
    {
      fn: "conv1d",
      shapes: [
        [1, 4],
        [2, 1, 3],
      ],
      args: [{ padding: "same", stride: 2 }],
    },
  ],
});

function biasLayout({ strides, offset }: Layout, { shape }: Layout): Layout {
  const [step] = strides as [number];
  return new Layout(shape, [0, step * shape[2]!, step, 0, 0], offset);
}

/** x from results y [n, o, ...] and kernels w [o, c / groups, ...]: a transposed convolution. */
export const dgradOp: Op<Form> = /* @__PURE__ */ kernelOp<Form>({
  name: "convTranspose2d",
  kind: "contract",
  saves: { inputs: "all" },
  shape: ([y, w], { groups, image }) => [y![0]!, groups * w![1]!, ...image],
  run(backend, out, [y, w], form) {
    const { groups, stride } = form;
    const [rows, columns] = phases(form);
    const complete = rows.isComplete && columns.isComplete;
    if (!complete) runMap(backend, copyProgram, [out], [0]);
    if (rows.phases.length === 0 || columns.phases.length === 0) return;
    const from: Pair = [rows.from, columns.from];
    const images = divided(out, 1, groups);
    const kernels = divided(w!, 0, groups);
    temporarily(() => {
      const seen = cut(backend, y!, from, [rows.size, columns.size]);
      for (const down of rows.phases) {
        for (const across of columns.phases) {
          const [part, picked] = [down, across].reduce(
            ([image, kernel], phase, d) => [
              image.slice(d + 3, phase.image, phase.count, stride[d as 0 | 1]),
              kernel.slice(d + 3, phase.kernel, phase.terms, phase.every),
            ],
            [images.layout, kernels.layout] as readonly [Layout, Layout],
          );
          // [groups, c, o, kernel]
          const left = permuted({ storage: w!.storage, layout: picked }, 0, 2, 1, 3, 4);
          const right = windows(
            seen,
            groups,
            [down.terms, across.terms],
            [down.count, across.count],
            [1, 1],
            [-down.spacing, -across.spacing],
            [down.start - from[0], across.start - from[1]],
          );
          const target = { storage: out.storage, layout: part };
          runContract(backend, target, repeated(left, out.shape[0]!), right, grouping);
        }
      }
    });
  },
  gradient: ({ grad, inputs: [y, w], attrs, needs }) => [
    needs(0) ? apply(fpropOp, [grad, w!], attrs) : null,
    needs(1) ? apply(wgradOp, [grad, y!], attrs) : null,
  ],
  sample(draw) {
    const { attrs, kernel, result } = sizes(draw);
    return { inputs: [{ shape: result }, { shape: kernel }], attrs };
  },
  errors: [
    {
      shapes: [
        [4, 4],
        [1, 2, 3, 3],
      ],
    },
    {
      shapes: [
        [1, 4, 4],
        [2, 1, 3, 3],
      ],
    },
    {
      shapes: [
        [3, 4, 4],
        [3, 1, 3, 3],
      ],
      args: [{ groups: 2 }],
    },
    {
      shapes: [
        [1, 4, 4],
        [1, 2, 3, 3],
      ],
      args: [{ outputPadding: 1 }],
    },
    {
      shapes: [
        [1, 1, 1],
        [1, 2, 3, 3],
      ],
      args: [{ padding: 2 }],
    },
    { fn: "convTranspose1d", shapes: [[4], [2, 1, 3]] },
    {
      fn: "convTranspose1d",
      shapes: [
        [1, 4],
        [1, 2, 3],
      ],
      args: [{ outputPadding: 1 }],
    },
    {
      fn: "convTranspose1d",
      shapes: [
        [1, 1],
        [1, 2, 3],
      ],
      args: [{ padding: 2 }],
    },
  ],
});

/** w from images x [n, c, ...] and results y [n, o, ...]: the gradient of kernels. */
export const wgradOp: Op<Form> = /* @__PURE__ */ kernelOp<Form>({
  name: "convKernel",
  kind: "contract",
  saves: { inputs: "all" },
  shape: ([x, y], { groups, kernel }) => [y![1]!, x![1]! / groups, ...kernel],
  run(backend, out, [x, y], form) {
    const { groups } = form;
    // [groups, o, n, positions] x [groups, n, positions, c, kernel]
    const left = permuted(divided(y!, 1, groups), 1, 2, 0, 3, 4);
    temporarily(() => {
      const right = permuted(windowsOf(backend, x!, form), 1, 0, 5, 6, 2, 3, 4);
      runContract(backend, divided(out, 0, groups), left, right, { rows: 1, columns: 3, terms: 3 });
    });
  },
  gradient: ({ grad, inputs: [x, y], attrs, needs }) => [
    needs(0) ? apply(dgradOp, [y!, grad], attrs) : null,
    needs(1) ? apply(fpropOp, [x!, grad], attrs) : null,
  ],
  sample(draw) {
    const { attrs, image, result } = sizes(draw);
    return { inputs: [{ shape: image }, { shape: result }], attrs };
  },
});
