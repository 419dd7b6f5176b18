import type { View } from "../../backend/backend";
import type { Shape } from "../../errors";
import type { Layout } from "../../layout/layout";
import { type Expr, ExprPool } from "../../scalar/expr";
import { MapProgram } from "../../scalar/program";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { identity } from "../in-place";
import { kernelOp, type Op } from "../op";
import type { Draw, Sample } from "../sample";

/** Windows along one dimension, all of them inside: `size` elements `dilation` apart, at `count` places. */
export interface Span {
  readonly dim: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly count: number;
}

interface Attrs {
  readonly spans: readonly Span[];
  /** Shape of what the windows look into. */
  readonly from: Shape;
}

/** Elements of a window that one map can compare. */
export const mostCompared = 9;

// A window of n elements is n views, one for each of its elements; so all is done by maps of them.

/** For each element of a window, in row-major order, that of all windows. */
function elementsOf({ storage, layout }: View, { spans }: Attrs): View[] {
  let layouts: Layout[] = [layout];
  for (const { dim, size, stride, dilation, count } of spans) {
    layouts = layouts.flatMap((one) =>
      Array.from({ length: size }, (_, k) => one.slice(dim, k * dilation, count, stride)),
    );
  }
  return layouts.map((one) => ({ storage, layout: one }));
}

function resultShape(shape: Shape, { spans }: Attrs): Shape {
  return spans.reduce((result, { dim, count }) => result.with(dim, count), shape);
}

interface Programs {
  /** The largest of all. */
  readonly largest: MapProgram;
  /** Of all elements, the largest and its gradient: the gradient of each. */
  readonly spread: MapProgram;
  /** As spread, of element k alone, added to what is there, of the elements up to k. */
  readonly add: readonly MapProgram[];
  /** Of all elements, the largest, and something for each: that of the largest. */
  readonly pick: MapProgram;
}

const known = /* @__PURE__ */ new Map<number, Programs>();

function programsOf(count: number): Programs {
  let programs = known.get(count);
  if (programs === undefined) {
    programs = programsFor(count);
    known.set(count, programs);
  }
  return programs;
}

function programsFor(count: number): Programs {
  const make = (inputs: number, body: (args: Expr[]) => (Expr | number)[]) => {
    const pool = new ExprPool();
    const args = Array.from({ length: inputs }, (_, i) => pool.input(i));
    return new MapProgram(
      "maxPool",
      inputs,
      body(args).map((output) => pool.expr(output)),
    );
  };
  /** `value` where element k is the first that is not less than the largest, which a NaN is, too; else 0. */
  const whereFirst = (elements: readonly Expr[], k: number, largest: Expr, value: Expr): Expr =>
    elements
      .slice(0, k)
      .reduce(
        (chosen, earlier) => earlier.lt(largest).where(chosen, 0),
        elements[k]!.lt(largest).where(0, value),
      );
  const each = Array.from({ length: count }, (_, k) => k);
  return {
    largest: make(count, (xs) => [xs.reduce((a, b) => a.maximum(b))]),
    spread: make(count + 2, (args) => {
      const [xs, largest, g] = [args.slice(0, count), args[count]!, args[count + 1]!];
      return each.map((k) => whereFirst(xs, k, largest, g));
    }),
    add: each.map((k) =>
      make(k + 4, (args) => {
        const [xs, largest, g, sum] = [args.slice(0, k + 1), args[k + 1]!, args[k + 2]!, args[k + 3]!];
        return [sum.add(whereFirst(xs, k, largest, g))];
      }),
    ),
    pick: make(2 * count + 1, (args) => {
      const [xs, largest, hs] = [args.slice(0, count), args[count]!, args.slice(count + 1)];
      // From the last element on, the first one that is large enough has the last word.
      return [xs.reduceRight<Expr | number>((chosen, x, k) => x.lt(largest).where(chosen, hs[k]!), 0)];
    }),
  };
}

function drawSpans(draw: Draw): Attrs {
  const spans = [1, 2].slice(draw.int(0, 1)).map((dim) => {
    const [size, stride, dilation] = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 2)];
    return { dim, size, stride, dilation, count: draw.int(1, 3) };
  });
  const from = spans.reduce<Shape>(
    (shape, { dim, size, stride, dilation, count }) =>
      shape.with(dim, (count - 1) * stride + (size - 1) * dilation + 1 + draw.int(0, 1)),
    [draw.int(1, 2), 1, 1],
  );
  return { spans, from };
}

const distinct = { min: -2, max: 2, distinct: true };

/** The largest element of each window: NaN if one is. */
const windowMaxOp: Op<Attrs> = /* @__PURE__ */ kernelOp<Attrs>({
  name: "windowMax",
  kind: "reduce",
  saves: { inputs: "all", output: true },
  shape: ([shape], attrs) => resultShape(shape!, attrs),
  run(backend, out, [x], attrs) {
    const elements = elementsOf(x!, attrs);
    if (out.size > 0) backend.map(programsOf(elements.length).largest, [out], elements);
  },
  gradient: ({ inputs: [x], output, grad, attrs }) => [apply(spreadOp, [x!, output!, grad], attrs)],
  sample(draw) {
    const attrs = drawSpans(draw);
    return { inputs: [{ shape: attrs.from, domain: distinct }], attrs };
  },
});

/** Elements, the largest, and one more, of which the gradient is asked. */
function drawWithLargest(draw: Draw, takesResult: boolean): Sample<Attrs> {
  const attrs = drawSpans(draw);
  const result = resultShape(attrs.from, attrs);
  // What is compared is no matter of degree.
  const compared = { domain: { min: -2, max: 2, whole: true } };
  const last = { shape: takesResult ? result : attrs.from };
  return { inputs: [{ shape: attrs.from, ...compared }, { shape: result, ...compared }, last], attrs };
}

/** From x, the largest of its windows, and the gradient of these: that of x. Linear in the last. */
const spreadOp: Op<Attrs> = /* @__PURE__ */ kernelOp<Attrs>({
  name: "windowMax'",
  kind: "reduce",
  saves: { inputs: [0, 1] },
  shape: (_, { from }) => from,
  run(backend, out, [x, largest, g], attrs) {
    const [xs, to] = [elementsOf(x!, attrs), elementsOf(out, attrs)];
    const { spread, add } = programsOf(xs.length);
    const { spans } = attrs;
    const isDense = spans.every(
      ({ dim, size, stride, dilation, count }) =>
        size * count === attrs.from[dim] && stride === size && dilation === 1,
    );
    if (!isDense) backend.map(identity.op.program, [out], [0]);
    if (g!.size === 0) return;
    const overlaps = spans.some(
      ({ size, stride, dilation, count }) => count > 1 && (size - 1) * dilation >= stride,
    );
    if (!overlaps) backend.map(spread, to, [...xs, largest!, g!]);
    else {
      to.forEach((one, k) => {
        backend.map(add[k]!, [one], [...xs.slice(0, k + 1), largest!, g!, one]);
      });
    }
  },
  gradient: ({ inputs: [x, largest], grad, attrs }) => [
    null,
    null,
    apply(pickOp, [x!, largest!, grad], attrs),
  ],
  sample: (draw) => drawWithLargest(draw, true),
});

/** From x, the largest of its windows, and something of the shape of x: what stands where the largest is. */
const pickOp: Op<Attrs> = /* @__PURE__ */ kernelOp<Attrs>({
  name: "windowMax''",
  kind: "reduce",
  saves: { inputs: [0, 1] },
  shape: ([shape], attrs) => resultShape(shape!, attrs),
  run(backend, out, [x, largest, h], attrs) {
    const xs = elementsOf(x!, attrs);
    if (out.size === 0) return;
    backend.map(programsOf(xs.length).pick, [out], [...xs, largest!, ...elementsOf(h!, attrs)]);
  },
  gradient: ({ inputs: [x, largest], grad, attrs }) => [
    null,
    null,
    apply(spreadOp, [x!, largest!, grad], attrs),
  ],
  sample: (draw) => drawWithLargest(draw, false),
});

/** The largest element of each window, by one map. */
export function windowMax(x: Tensor, spans: readonly Span[]): Tensor {
  return apply(windowMaxOp, [x], { spans, from: x.shape });
}
