import { type Expr, ExprPool, MapProgram, runMap } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import { add } from "../map/arithmetic";
import type { Op } from "../op";
import {
  drawWindows,
  elementsOf,
  fillElements,
  type Span,
  type WindowAttrs,
  windowShape,
} from "./window-elements";

interface Programs {
  /** The sum of all inputs. */
  readonly sum: MapProgram;
  /** Copies of the one input. */
  readonly copies: MapProgram;
}

const known = /* @__PURE__ */ new Map<number, Programs>();

function programsOf(count: number): Programs {
  let programs = known.get(count);
  if (programs === undefined) {
    const pool = new ExprPool();
    const args = Array.from({ length: count }, (_, i) => pool.input(i));
    programs = {
      sum: new MapProgram("avgPool", count, [args.reduce((a, b) => a.add(b))]),
      copies: new MapProgram("avgPool'", 1, new Array<Expr>(count).fill(args[0]!)),
    };
    known.set(count, programs);
  }
  return programs;
}

/** The sum of each window. */
const windowSumOp: Op<WindowAttrs> = /* @__PURE__ */ kernelOp<WindowAttrs>({
  name: "windowSum",
  kind: "reduce",
  shape: ([shape], attrs) => windowShape(shape!, attrs),
  run(backend, out, [x], attrs) {
    const elements = elementsOf(x!, attrs);
    if (out.size > 0) runMap(backend, programsOf(elements.length).sum, [out], elements);
  },
  gradient: ({ grad, attrs }) => [apply(windowSpreadOp, [grad], attrs)],
  sample(draw) {
    const attrs = drawWindows(draw);
    return { inputs: [{ shape: attrs.from }], attrs };
  },
});

/** The adjoint of the sum: the value of a window goes to each of its elements. */
const windowSpreadOp: Op<WindowAttrs> = /* @__PURE__ */ kernelOp<WindowAttrs>({
  name: "windowSum'",
  kind: "reduce",
  shape: (_, { from }) => from,
  run(backend, out, [g], attrs) {
    fillElements(backend, out, attrs, {
      all: (to) => runMap(backend, programsOf(to.length).copies, to, [g!]),
      add: (to) => runMap(backend, add.op.program, [to], [to, g!]),
    });
  },
  gradient: ({ grad, attrs }) => [apply(windowSumOp, [grad], attrs)],
  sample(draw) {
    const attrs = drawWindows(draw);
    return { inputs: [{ shape: windowShape(attrs.from, attrs) }], attrs };
  },
});

/** The sum of each window, by one map. */
export function windowSum(x: Tensor, spans: readonly Span[]): Tensor {
  return apply(windowSumOp, [x], { spans, from: x.shape });
}
