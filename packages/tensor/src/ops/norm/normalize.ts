import type { Expr, Shape, View } from "@thalweg/kernels";
import { RowProgram, type RowStage, runRows, trace } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import { add, mul, neg, sub } from "../map/arithmetic";
import { rsqrt } from "../map/elementary";
import type { Op } from "../op";
import { productSum } from "../reduce/product-sum";
import { mean, sum } from "../reduce/sums";
import { type Draw, type Sample, spreadOut } from "../sample";

/** The number that is added to the variance. */
type Eps = number;

interface Programs {
  /** Programs of x, of x and weight, and of x, weight and bias. */
  readonly forward: readonly RowProgram[];
  /** Programs of x and g, and of x, g and weight. */
  readonly backward: readonly RowProgram[];
}

const known = /* @__PURE__ */ new Map<Eps, Programs>();

function programsOf(eps: Eps): Programs {
  let programs = known.get(eps);
  if (programs === undefined) {
    programs = {
      forward: [1, 2, 3].map((inputs) => forwardWith(eps, inputs)),
      backward: [2, 3].map((inputs) => backwardWith(eps, inputs)),
    };
    known.set(eps, programs);
  }
  return programs;
}

const average = /* @__PURE__ */ trace(2, (total, count) => total.div(count!));

/** Stages that compute the mean of the first input, then the reciprocal of its standard deviation. */
function statistics(eps: Eps, inputs: number): RowStage[] {
  return [
    { combine: "sum", map: trace(inputs, (x) => x), finish: average },
    {
      combine: "sum",
      map: trace(inputs + 1, (...values) => values[0]!.sub(values[inputs]!).square()),
      finish: trace(2, (total, count) => total.div(count!).add(eps).rsqrt()),
    },
  ];
}

function forwardWith(eps: Eps, inputs: number): RowProgram {
  const output = trace(inputs + 2, (...values) => {
    const [x, center, scale] = [values[0]!, values[inputs]!, values[inputs + 1]!];
    const y = x.sub(center).mul(scale);
    const scaled = inputs > 1 ? y.mul(values[1]!) : y;
    return inputs > 2 ? scaled.add(values[2]!) : scaled;
  });
  return new RowProgram("normalize", inputs, statistics(eps, inputs), [output]);
}

function backwardWith(eps: Eps, inputs: number): RowProgram {
  const weighted = (...values: Expr[]) => (inputs > 2 ? values[1]!.mul(values[2]!) : values[1]!);
  const y = (...values: Expr[]) => values[0]!.sub(values[inputs]!).mul(values[inputs + 1]!);
  const along: RowStage[] = [
    { combine: "sum", map: trace(inputs + 2, weighted), finish: average },
    {
      combine: "sum",
      map: trace(inputs + 3, (...values) => weighted(...values).mul(y(...values))),
      finish: average,
    },
  ];
  const output = trace(inputs + 4, (...values) => {
    const [scale, meanOfG, share] = values.slice(inputs + 1) as [Expr, Expr, Expr];
    return weighted(...values)
      .sub(meanOfG)
      .sub(y(...values).mul(share))
      .mul(scale);
  });
  return new RowProgram("normalize'", inputs, [...statistics(eps, inputs), ...along], [output]);
}

/** Expands all tensors to the shape of the first one. */
function wide(tensors: readonly Tensor[]): View[] {
  const { shape } = tensors[0]!.layout;
  return tensors.map(({ storage, layout }) => ({ storage, layout: layout.expand(shape) }));
}

function draw(from: Draw, inputs: number, affine: number): Sample<Eps> {
  const shape: Shape = [...from.shape(0, 2), from.int(2, 4)];
  // These are divided by a deviation that may be small, so they are small too.
  const small = { min: -0.5, max: 0.5 };
  const whole = [
    { shape, domain: spreadOut },
    { shape, domain: small },
  ].slice(0, inputs);
  const vectors = Array.from({ length: affine }, () => ({ shape: shape.slice(-1), domain: small }));
  return { inputs: [...whole, ...vectors], attrs: from.pick([1e-5, 0.1]) };
}

/**
 * y = (x - mean)·r with r = 1/√(variance + ε), along the last dimension. A weight of that length multiplies y, and a bias
 * is added, if they are given.
 */
export const normalizeOp: Op<Eps> = /* @__PURE__ */ kernelOp<Eps>({
  name: "normalize",
  kind: "reduce",
  saves: { inputs: [0, 1] },
  shape: ([shape]) => shape!,
  run: (backend, out, inputs, eps) =>
    runRows(backend, programsOf(eps).forward[inputs.length - 1]!, [out], wide(inputs), out.ndim - 1),
  gradient({ inputs: [x, weight], grad, attrs, shapes, needs }) {
    const leading = shapes[0]!.length - 1;
    const given = shapes.length > 1 ? [x!, grad, weight!] : [x!, grad];
    const dims = Array.from({ length: leading }, (_, d) => d);
    return [
      needs(0) ? apply(normalizeGradient, given, attrs) : null,
      needs(1) ? productSum(grad, apply(normalizeOp, [x!], attrs), leading) : null,
      needs(2) ? (leading === 0 ? grad : sum(grad, dims)) : null,
    ];
  },
  sample: (from) => draw(from, 1, from.int(0, 2)),
});

/** J·(w·g) = r·(w·g - mean(w·g) - y·mean(w·g·y)), with the inputs x, g and w. The Jacobian J of y by x is symmetric. */
const normalizeGradient: Op<Eps> = /* @__PURE__ */ kernelOp<Eps>({
  name: "normalize'",
  kind: "reduce",
  saves: { inputs: "all" },
  shape: ([shape]) => shape!,
  run: (backend, out, inputs, eps) =>
    runRows(backend, programsOf(eps).backward[inputs.length - 2]!, [out], wide(inputs), out.ndim - 1),
  gradient({ inputs, grad: h, attrs, shapes, needs }) {
    const [x, g, weight] = inputs as [Tensor, Tensor, Tensor | undefined];
    const along = needs(1) || needs(2) ? apply(normalizeGradient, [x, h], attrs) : null;
    return [
      needs(0) ? curvature(x, weight ? mul(g, weight) : g, h, attrs) : null,
      needs(1) ? (weight ? mul(along!, weight) : along) : null,
      needs(2) ? productSum(along!, g, shapes[0]!.length - 1) : null,
    ];
  },
  sample: (from) => draw(from, 2, from.int(0, 1)),
});

/**
 * The gradient of Σ h·J·g by x. With a = mean(h·y), b = mean(g·y), and g and h centered, it is
 * -r²·(y·(mean(g·h) - 3·a·b) + b·h + a·g).
 */
function curvature(givenX: Tensor, givenG: Tensor, givenH: Tensor, eps: Eps): Tensor {
  const average = (of: Tensor) => mean(of, -1, { keepDim: true });
  const [x, g, h] = [givenX, givenG, givenH].map((of) => sub(of, average(of))) as [Tensor, Tensor, Tensor];
  const r = rsqrt(add(average(mul(x, x)), eps));
  const y = mul(x, r);
  const [a, b] = [average(mul(h, y)), average(mul(g, y))];
  const inner = mul(y, sub(average(mul(g, h)), mul(mul(a, b), 3)));
  return neg(mul(mul(r, r), add(add(inner, mul(b, h)), mul(a, g))));
}
