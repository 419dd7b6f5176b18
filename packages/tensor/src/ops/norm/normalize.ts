import { runLines } from "../../backend/lines";
import { LineProgram, type LineStage, trace } from "../../scalar/program";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { add, mul, neg, sub } from "../map/arithmetic";
import { rsqrt } from "../map/elementary";
import { type GradientCall, kernelOp, type Op } from "../op";
import { mean } from "../reduce/sums";
import type { Draw, Sample } from "../sample";

interface Attrs {
  /** Lines lie along this dimension. */
  readonly dim: number;
  /** Added to the variance. */
  readonly eps: number;
}

interface Programs {
  readonly forward: LineProgram;
  readonly backward: LineProgram;
}

const known = /* @__PURE__ */ new Map<number, Programs>();

function programsOf(eps: number): Programs {
  let programs = known.get(eps);
  if (programs === undefined) {
    programs = programsWith(eps);
    known.set(eps, programs);
  }
  return programs;
}

function programsWith(eps: number): Programs {
  const average = trace(2, (total, count) => total.div(count!));
  /** Of the first input: its mean, then the reciprocal of its deviation. */
  const statistics = (inputs: number): LineStage[] => [
    { combine: "sum", map: trace(inputs, (x) => x), finish: average },
    {
      combine: "sum",
      map: trace(inputs + 1, (...values) => values[0]!.sub(values[inputs]!).square()),
      finish: trace(2, (total, count) => total.div(count!).add(eps).rsqrt()),
    },
  ];
  const forward = new LineProgram("normalize", 1, statistics(1), [
    trace(3, (x, center, scale) => x.sub(center!).mul(scale!)),
  ]);
  const along: LineStage[] = [
    { combine: "sum", map: trace(4, (_x, g) => g!), finish: average },
    {
      combine: "sum",
      map: trace(5, (x, g, center, scale) => g!.mul(x.sub(center!).mul(scale!))),
      finish: average,
    },
  ];
  const backward = new LineProgram(
    "normalize'",
    2,
    [...statistics(2), ...along],
    [
      trace(6, (x, g, center, scale, meanOfG, share) =>
        g!.sub(meanOfG!).sub(x.sub(center!).mul(scale!).mul(share!)).mul(scale!),
      ),
    ],
  );
  return { forward, backward };
}

function draw(from: Draw, count: number): Sample<Attrs> {
  const shape = [...from.shape(0, 2), from.int(2, 4)];
  const inputs = Array.from({ length: count }, (_, i) => ({
    shape,
    domain: { min: -2, max: 2, distinct: i === 0 },
  }));
  return { inputs, attrs: { dim: shape.length - 1, eps: from.pick([1e-5, 0.1]) } };
}

/** y = (x - mean)·r with r = 1/√(variance + ε), line by line. */
export const normalizeOp: Op<Attrs> = /* @__PURE__ */ kernelOp<Attrs>({
  name: "normalize",
  kind: "reduce",
  saves: { inputs: [0] },
  shape: ([shape]) => shape!,
  run: (backend, out, inputs, { dim, eps }) => runLines(backend, programsOf(eps).forward, [out], inputs, dim),
  gradient: ({ inputs: [x], grad, attrs }) => [apply(normalizeGradient, [x!, grad], attrs)],
  sample: (from) => draw(from, 1),
});

/** J·g = r·(g - mean(g) - y·mean(g·y)), of x and g. The Jacobian J of y is symmetric. */
const normalizeGradient: Op<Attrs> = /* @__PURE__ */ kernelOp<Attrs>({
  name: "normalize'",
  kind: "reduce",
  saves: { inputs: "all" },
  shape: ([shape]) => shape!,
  run: (backend, out, inputs, { dim, eps }) =>
    runLines(backend, programsOf(eps).backward, [out], inputs, dim),
  gradient: (call) => [
    call.needs(0) ? curvature(call) : null,
    call.needs(1) ? apply(normalizeGradient, [call.inputs[0]!, call.grad], call.attrs) : null,
  ],
  sample: (from) => draw(from, 2),
});

/**
 * The gradient of Σ h·J·g by x. With a = mean(h·y), b = mean(g·y), and g and h centered, it is
 * -r²·(y·(mean(g·h) - 3·a·b) + b·h + a·g).
 */
function curvature({ inputs, grad, attrs: { dim, eps } }: GradientCall<Attrs>): Tensor {
  const average = (of: Tensor) => mean(of, dim, { keepDim: true });
  const centered = (of: Tensor) => sub(of, average(of));
  const [x, g, h] = [centered(inputs[0] as Tensor), centered(inputs[1] as Tensor), centered(grad)];
  const r = rsqrt(add(average(mul(x, x)), eps));
  const y = mul(x, r);
  const [a, b] = [average(mul(h, y)), average(mul(g, y))];
  const inner = mul(y, sub(average(mul(g, h)), mul(mul(a, b), 3)));
  return neg(mul(mul(r, r), add(add(inner, mul(b, h)), mul(a, g))));
}
