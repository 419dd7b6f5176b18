import { enableGrad, grad, noGrad } from "@thalweg/autograd";
import { ArgumentError, GradientError, IndexError, Tensor, tensor } from "@thalweg/tensor";
import {
  boolean,
  callback,
  checkArguments,
  count,
  describe,
  kind,
  kinds,
  list,
  number,
  options as optionsOf,
  renamed,
} from "@thalweg/tensor/internal";

/** Options of {@link gradcheck} and {@link gradgradcheck}. */
export interface GradcheckOptions {
  /** Half the distance of the two points of a difference; 1e-5 unless given. */
  readonly eps?: number;
  /** Absolute part of the tolerance; 1e-6 unless given. */
  readonly atol?: number;
  /** Relative part of the tolerance; 1e-5 unless given. */
  readonly rtol?: number;
  /** Positions of the inputs to check; all unless given. */
  readonly inputs?: readonly number[];
  /** Whether the check passes when every element sits on a kink; false unless given, which makes that an error. */
  readonly allowAllKinks?: boolean;
}

/** The result of a check. */
export interface GradcheckReport {
  /** Elements that were compared. */
  readonly compared: number;
  /** Elements that were left out because the function is not smooth there. */
  readonly kinks: number;
}

/** A function of tensors, differentiable with respect to the checked ones. */
export type Checked = (...inputs: Tensor[]) => Tensor;

const signature = {
  f: callback,
  inputs: list(kinds.tensor),
  options: optionsOf<GradcheckOptions>({
    eps: kind("a number above 0", (value) => Number.isFinite(value) && (value as number) > 0),
    atol: number,
    rtol: number,
    inputs: list(count),
    allowAllKinks: boolean,
  }),
};

function check(op: string, f: Checked, inputs: readonly Tensor[], options: GradcheckOptions): void {
  checkArguments(op, signature, [f, inputs, options]);
  const beyond = options.inputs?.find((i) => i >= inputs.length);
  if (beyond === undefined) return;
  throw new IndexError(op, `there is no input ${beyond}, there are ${inputs.length}`, "count from 0");
}

/** The result of a function, which has to be a tensor. */
function resultOf(op: string, f: Checked, inputs: readonly Tensor[]): Tensor {
  const y: unknown = f(...inputs);
  if (y instanceof Tensor) return y;
  throw new ArgumentError(op, `the function must return a tensor, got ${describe(y)}`, "return one");
}

/** Weights of a result's elements, fixed and without pattern, so that a sum with them hides no error. */
function weightsLike(y: Tensor): Tensor {
  if (y.size === 1) return tensor([1], { shape: y.shape, dtype: "float64" });
  const data = Array.from({ length: y.size }, (_, i) => 0.5 + ((i * 0.6180339887498949) % 1));
  return tensor(data, { shape: y.shape, dtype: "float64" });
}

function leaf(x: Tensor): Tensor {
  return tensor(x.dataSync(), { shape: x.shape, dtype: "float64", requiresGrad: true });
}

interface Worst {
  readonly input: number;
  readonly element: number;
  readonly analytic: number;
  readonly numeric: number;
  readonly excess: number;
}

/**
 * Compares the gradients that `backward` computes with central differences, in float64: the derivative of
 * a weighted sum of the results, for every element of every input. Elements at which the differences from
 * the left and from the right do not agree sit on a kink and are left out.
 *
 * @throws GradientError that names the worst element, with its analytic and its numeric gradient
 * @example
 * gradcheck((x) => x.square().mul(3), [tensor([1, 2, 3])]).compared; // → 3
 */
export function gradcheck(
  f: Checked,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): GradcheckReport {
  check("gradcheck", f, inputs, options);
  const which = options.inputs ?? inputs.map((_, i) => i);
  const leaves = inputs.map((x, i) => (which.includes(i) ? leaf(x) : leaf(x).detach()));
  return compareGradients("gradcheck", () => resultOf("gradcheck", f, leaves), leaves, {
    ...options,
    inputs: which,
  });
}

/**
 * {@link gradcheck} of a function of the float64 leaves themselves: each of their elements is changed
 * and restored.
 */
export function compareGradients(
  op: string,
  compute: () => Tensor,
  leaves: readonly Tensor[],
  options: GradcheckOptions,
): GradcheckReport {
  const { eps = 1e-5, atol = 1e-6, rtol = 1e-5, inputs: which = leaves.map((_, i) => i) } = options;
  const y = compute();
  const weights = weightsLike(y);
  const targets = which.map((i) => leaves[i]!);
  const gradients = y.requiresGrad
    ? grad(y, targets, { gradOutputs: weights, allowUnused: true as const })
    : targets.map(() => null);
  const value = () => noGrad(() => compute().mul(weights).sum().item());
  const center = value();
  let compared = 0;
  let kinks = 0;
  let worst: Worst | null = null;
  which.forEach((input, k) => {
    const x = leaves[input]!;
    const elements = x.detach().reshape([x.size]);
    const data = x.dataSync();
    const put = (element: number, value: number) => elements.narrow(0, element, 1).fill_(value);
    const analytic = gradients[k]?.dataSync() ?? new Float64Array(x.size);
    for (let element = 0; element < x.size; element++) {
      const at = data[element]!;
      const difference = (step: number) => {
        put(element, at + step);
        const right = (value() - center) / step;
        put(element, at - step);
        const left = (center - value()) / step;
        put(element, at);
        const scale = Math.max(Math.abs(left), Math.abs(right));
        return { slope: (left + right) / 2, bend: Math.abs(right - left), scale };
      };
      const { slope, bend, scale } = difference(eps);
      const excessOver = (numeric: number) => Math.abs(analytic[element]! - numeric) - (atol + rtol * scale);
      let numeric = slope;
      let isKink = bend > 1e-2 * (1 + scale);
      const gap = excessOver(slope);
      if (!isKink && gap > 0 && gap <= bend / 2) {
        const near = difference(eps / 4);
        // Curvature bends less in a smaller step, a kink, at which any slope between the two is right, does not.
        isKink = near.bend > bend / 2;
        // Where curvature itself jumps, the error of a difference is proportional to the step: extrapolated to none.
        numeric = near.slope + (near.slope - slope) / 3;
      }
      if (isKink) {
        kinks++;
        continue;
      }
      compared++;
      const excess = excessOver(numeric);
      if (!(excess <= 0) && (worst === null || !(excess <= worst.excess))) {
        worst = { input, element, analytic: analytic[element]!, numeric, excess };
      }
    }
  });
  if (worst !== null) throw wrong(op, worst, leaves);
  if (compared === 0 && kinks > 0 && options.allowAllKinks !== true) {
    throw new GradientError(
      op,
      `all ${kinks} elements sit on kinks`,
      "check at points where the function is smooth",
    );
  }
  return { compared, kinks };
}

function wrong(
  op: string,
  { input, element, analytic, numeric }: Worst,
  inputs: readonly Tensor[],
): GradientError {
  const x = inputs[input]!;
  const index: number[] = [];
  for (let rest = element, d = x.ndim - 1; d >= 0; d--) {
    index.unshift(rest % x.shape[d]!);
    rest = Math.floor(rest / x.shape[d]!);
  }
  return new GradientError(
    op,
    `the gradient is wrong, worst at input ${input}, element [${index.join(", ")}]: analytic ${analytic}, numeric ${numeric}`,
    "see the gradient rule of that input",
    inputs.map((y) => y.shape),
  );
}

/** Checks the gradient of the gradient: {@link gradcheck} of `(inputs, v) -> grad(f(inputs), inputs, v)`. */
export function gradgradcheck(
  f: Checked,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): GradcheckReport {
  const op = "gradgradcheck";
  check(op, f, inputs, options);
  const which = options.inputs ?? inputs.map((_, i) => i);
  const wide = inputs.map((x) => x.to("float64"));
  const y = noGrad(() => resultOf(op, f, wide));
  const v = weightsLike(y);
  const first: Checked = (...all) => {
    const seed = all.at(-1)!;
    const given = all.slice(0, -1);
    // Inputs without grad are so on purpose: in an evaluation inside of noGrad, or by the caller.
    const leaves = given.map((x, i) => (which.includes(i) && !x.requiresGrad ? leaf(x) : x));
    return gradientSum(f, leaves, which, seed);
  };
  const loose = { atol: 1e-5, rtol: 1e-4, ...options, inputs: [...which, inputs.length] };
  try {
    return gradcheck(first, [...inputs, v], loose);
  } catch (error) {
    // Errors of the function itself keep their name.
    throw error instanceof GradientError && error.op === "gradcheck" ? renamed(error, op) : error;
  }
}

/** All gradients, flattened and concatenated into one result. */
function gradientSum(f: Checked, leaves: Tensor[], which: readonly number[], seed: Tensor): Tensor {
  const y = enableGrad(() => f(...leaves));
  const targets = which.map((i) => leaves[i]!);
  const zero = tensor(0, { dtype: "float64" });
  if (!y.requiresGrad) return zero;
  const gradients = grad(y, targets, { gradOutputs: seed, createGraph: true, allowUnused: true as const });
  return gradients.reduce<Tensor>(
    (total, g, k) =>
      g === null
        ? total
        : total.add(
            g
              .mul(weightsLike(g))
              .sum()
              .mul(k + 1),
          ),
    zero,
  );
}
