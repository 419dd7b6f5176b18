import type { Backend, Shape, View } from "@thalweg/kernels";
import { type Expr, ExprPool, Layout, MapProgram, runFilled, runMap, sameShape } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import { copyProgram } from "../map/clone";
import type { Op } from "../op";
import type { Draw, Sample } from "../sample";
import {
  drawWindows,
  elementsOf,
  fillElements,
  type Span,
  type WindowAttrs,
  windowShape,
} from "./window-elements";

interface Programs {
  /** The largest of all elements. */
  readonly largest: MapProgram;
  /** The gradient of each element. Inputs: the elements, flags for those inside, the largest and its gradient. */
  readonly spread: MapProgram;
  /** The gradient of element k alone, added to a further input. */
  readonly add: readonly MapProgram[];
  /**
   * The value that belongs to the largest element. Inputs: the elements, flags for those inside, the largest, and a
   * value for each.
   */
  readonly pick: MapProgram;
}

/** Windows into an input that may be padded; `inner` is its shape without the padding. */
interface MaxAttrs extends WindowAttrs {
  readonly inner: Shape;
}

const known = /* @__PURE__ */ new Map<number, Programs>();

function programsOf(count: number, isPadded = false): Programs {
  const key = isPadded ? -count : count;
  let programs = known.get(key);
  if (programs === undefined) {
    programs = programsFor(count, isPadded);
    known.set(key, programs);
  }
  return programs;
}

function programsFor(count: number, isPadded: boolean): Programs {
  const make = (inputs: number, body: (args: Expr[]) => (Expr | number)[]) => {
    const pool = new ExprPool();
    const args = Array.from({ length: inputs }, (_, i) => pool.input(i));
    return new MapProgram(
      "maxPool",
      inputs,
      body(args).map((output) => pool.expr(output)),
    );
  };
  const each = Array.from({ length: count }, (_, k) => k);
  const all = isPadded ? 2 * count : count;
  const equal = (args: readonly Expr[], k: number): Expr => {
    const isLargest = args[k]!.eq(args[all]!);
    return isPadded ? isLargest.mul(args[count + k]!) : isLargest;
  };
  const isNaN = (args: readonly Expr[], k: number): Expr => args[k]!.ne(args[k]!);
  /**
   * For each element, `value` if it is the selected one, else 0. The selected one is the first that equals the
   * largest, or the last NaN.
   */
  const chosen = (args: readonly Expr[], value: Expr): Expr[] => {
    const blocked = each.map((): Expr => value.pool.constant(0));
    for (let k = 1; k < count; k++) blocked[k] = equal(args, k - 1).choose(1, blocked[k - 1]!);
    let later: Expr | number = 0;
    for (let k = count - 1; k > 0; k--) {
      later = isNaN(args, k).choose(1, later);
      blocked[k - 1] = blocked[k - 1]!.add(later);
    }
    return each.map((k) => equal(args, k).add(isNaN(args, k)).gt(blocked[k]!).choose(value, 0));
  };
  return {
    largest: make(count, (xs) => [xs.reduce((a, b) => a.maximum(b))]),
    spread: make(all + 2, (args) => chosen(args, args[all + 1]!)),
    add: each.map((k) => make(all + 3, (args) => [args[all + 2]!.add(chosen(args, args[all + 1]!)[k]!)])),
    pick: make(all + 1 + count, (args) => {
      const h = (k: number) => args[all + 1 + k]!;
      // Later choices override earlier ones.
      const ofNaN = each.reduce<Expr | number>((found, k) => isNaN(args, k).choose(h(k), found), 0);
      return [each.reduceRight<Expr | number>((found, k) => equal(args, k).choose(h(k), found), ofNaN)];
    }),
  };
}

/** The elements of windows and, if the input is padded, a flag for each that is inside. */
function withInside(backend: Backend, x: View, attrs: MaxAttrs): { args: View[]; programs: Programs } {
  const xs = elementsOf(x, attrs);
  const { spans, from, inner } = attrs;
  if (sameShape(from, inner)) return { args: xs, programs: programsOf(xs.length) };
  const shape = from.map((extent, d) => (spans.some(({ dim }) => dim === d) ? extent : 1));
  const layout = Layout.contiguous(shape);
  const storage = runFilled(backend, x.storage.dtype, layout.size, 0);
  const inside = spans.reduce(
    (view, { dim, padding = 0 }) => view.slice(dim, padding, inner[dim]!, 1),
    layout,
  );
  runMap(backend, copyProgram, [{ storage, layout: inside }], [1]);
  const wide = { storage, layout: layout.expand(from) };
  return { args: [...xs, ...elementsOf(wide, attrs)], programs: programsOf(xs.length, true) };
}

const distinct = { min: -2, max: 2, distinct: true };

/** Draws windows with some elements in the padding. */
function drawAttrs(draw: Draw): MaxAttrs {
  const attrs = drawWindows(draw);
  const inner = attrs.from.map((extent, d) => {
    return attrs.spans.some(({ dim }) => dim === d) && draw.boolean() ? extent - 1 : extent;
  });
  return { ...attrs, inner };
}

/** The largest element of each window; NaN if any element is NaN. */
const windowMaxOp: Op<MaxAttrs> = /* @__PURE__ */ kernelOp<MaxAttrs>({
  name: "windowMax",
  kind: "reduce",
  saves: { inputs: "all", output: true },
  shape: ([shape], attrs) => windowShape(shape!, attrs),
  run(backend, out, [x], attrs) {
    const elements = elementsOf(x!, attrs);
    if (out.size > 0) runMap(backend, programsOf(elements.length).largest, [out], elements);
  },
  gradient: ({ inputs: [x], output, grad, attrs }) => [apply(spreadOp, [x!, output!, grad], attrs)],
  sample(draw) {
    const attrs = drawWindows(draw);
    return { inputs: [{ shape: attrs.from, domain: distinct }], attrs: { ...attrs, inner: attrs.from } };
  },
});

/** Draws elements, their largest, and a further input that is differentiated. */
function drawWithLargest(draw: Draw, takesResult: boolean): Sample<MaxAttrs> {
  const attrs = drawAttrs(draw);
  const result = windowShape(attrs.from, attrs);
  // Elements that are compared are not differentiated.
  const compared = { domain: { min: -2, max: 2, whole: true } };
  const last = { shape: takesResult ? result : attrs.from };
  return { inputs: [{ shape: attrs.from, ...compared }, { shape: result, ...compared }, last], attrs };
}

/** The gradient of x, from x, the largest of its windows, and the gradient of these. It is linear in the last input. */
const spreadOp: Op<MaxAttrs> = /* @__PURE__ */ kernelOp<MaxAttrs>({
  name: "windowMax'",
  kind: "reduce",
  saves: { inputs: [0, 1] },
  shape: (_, { from }) => from,
  run(backend, out, [x, largest, g], attrs) {
    const { args, programs } = withInside(backend, x!, attrs);
    fillElements(backend, out, attrs, {
      all: (to) => runMap(backend, programs.spread, to, [...args, largest!, g!]),
      add: (to, k) => runMap(backend, programs.add[k]!, [to], [...args, largest!, g!, to]),
    });
  },
  gradient: ({ inputs: [x, largest], grad, attrs }) => [
    null,
    null,
    apply(pickOp, [x!, largest!, grad], attrs),
  ],
  sample: (draw) => drawWithLargest(draw, true),
});

/** The elements of h at the positions of the largest, from x, the largest of its windows, and h in the shape of x. */
const pickOp: Op<MaxAttrs> = /* @__PURE__ */ kernelOp<MaxAttrs>({
  name: "windowMax''",
  kind: "reduce",
  saves: { inputs: [0, 1] },
  shape: ([shape], attrs) => windowShape(shape!, attrs),
  run(backend, out, [x, largest, h], attrs) {
    if (out.size === 0) return;
    const { args, programs } = withInside(backend, x!, attrs);
    runMap(backend, programs.pick, [out], [...args, largest!, ...elementsOf(h!, attrs)]);
  },
  gradient: ({ inputs: [x, largest], grad, attrs }) => [
    null,
    null,
    apply(spreadOp, [x!, largest!, grad], attrs),
  ],
  sample: (draw) => drawWithLargest(draw, false),
});

/** The largest element of each window, by one map. The padding outside the shape `inner` takes no gradient. */
export function windowMax(x: Tensor, spans: readonly Span[], inner: Shape): Tensor {
  return apply(windowMaxOp, [x], { spans, from: x.shape, inner });
}
