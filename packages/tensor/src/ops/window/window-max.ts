import { type Expr, ExprPool } from "../../scalar/expr";
import { MapProgram } from "../../scalar/program";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp, type Op } from "../op";
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

const distinct = { min: -2, max: 2, distinct: true };

/** The largest element of each window: NaN if one is. */
const windowMaxOp: Op<WindowAttrs> = /* @__PURE__ */ kernelOp<WindowAttrs>({
  name: "windowMax",
  kind: "reduce",
  saves: { inputs: "all", output: true },
  shape: ([shape], attrs) => windowShape(shape!, attrs),
  run(backend, out, [x], attrs) {
    const elements = elementsOf(x!, attrs);
    if (out.size > 0) backend.map(programsOf(elements.length).largest, [out], elements);
  },
  gradient: ({ inputs: [x], output, grad, attrs }) => [apply(spreadOp, [x!, output!, grad], attrs)],
  sample(draw) {
    const attrs = drawWindows(draw);
    return { inputs: [{ shape: attrs.from, domain: distinct }], attrs };
  },
});

/** Elements, the largest, and one more, of which the gradient is asked. */
function drawWithLargest(draw: Draw, takesResult: boolean): Sample<WindowAttrs> {
  const attrs = drawWindows(draw);
  const result = windowShape(attrs.from, attrs);
  // What is compared is no matter of degree.
  const compared = { domain: { min: -2, max: 2, whole: true } };
  const last = { shape: takesResult ? result : attrs.from };
  return { inputs: [{ shape: attrs.from, ...compared }, { shape: result, ...compared }, last], attrs };
}

/** From x, the largest of its windows, and the gradient of these: that of x. Linear in the last. */
const spreadOp: Op<WindowAttrs> = /* @__PURE__ */ kernelOp<WindowAttrs>({
  name: "windowMax'",
  kind: "reduce",
  saves: { inputs: [0, 1] },
  shape: (_, { from }) => from,
  run(backend, out, [x, largest, g], attrs) {
    const xs = elementsOf(x!, attrs);
    const { spread, add } = programsOf(xs.length);
    fillElements(backend, out, attrs, {
      all: (to) => backend.map(spread, to, [...xs, largest!, g!]),
      add: (to, k) => backend.map(add[k]!, [to], [...xs.slice(0, k + 1), largest!, g!, to]),
    });
  },
  gradient: ({ inputs: [x, largest], grad, attrs }) => [
    null,
    null,
    apply(pickOp, [x!, largest!, grad], attrs),
  ],
  sample: (draw) => drawWithLargest(draw, true),
});

/** From x, the largest of its windows, and something of the shape of x: what stands where the largest is. */
const pickOp: Op<WindowAttrs> = /* @__PURE__ */ kernelOp<WindowAttrs>({
  name: "windowMax''",
  kind: "reduce",
  saves: { inputs: [0, 1] },
  shape: ([shape], attrs) => windowShape(shape!, attrs),
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
