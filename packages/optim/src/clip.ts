import { noGrad } from "@thalweg/autograd";
import { DeviceError, norm, stack, Tensor, ThalwegError, tensor } from "@thalweg/tensor";
import {
  boolean,
  checkArguments,
  kind,
  named,
  options as optionsOf,
  recorder,
  scoped,
} from "@thalweg/tensor/internal";
import { itemsOf, type ParameterInput, parameters, parametersOf } from "./parameters";

/** Options of {@link clipGradNorm_}. */
export interface ClipOptions {
  /** Order of the norm: 2 unless given, or Infinity for the largest element. */
  readonly normType?: number;
  /** Throw when the norm is infinite or NaN, instead of scaling by it; false unless given. Not on a device that is only read asynchronously. */
  readonly errorIfNonfinite?: boolean;
}

/** Infinity leaves gradients unchanged. */
const bound = /* @__PURE__ */ kind(
  "a number, at least 0",
  (value) => typeof value === "number" && value >= 0,
);
const order = /* @__PURE__ */ kind("a number above 0", (value) => typeof value === "number" && value > 0);
const clipOptions = /* @__PURE__ */ optionsOf<ClipOptions>({ normType: order, errorIfNonfinite: boolean });

function gradients(op: string, params: Tensor | ParameterInput): Tensor[] {
  const found = parametersOf(op, params instanceof Tensor ? [params] : itemsOf(op, params));
  return found.flatMap(([, param]) => {
    recorder?.gradient(param);
    return param.gradient === null ? [] : [param.gradient];
  });
}

/**
 * Scales all gradients together so that their norm, taken as one vector, is at most `maxNorm`. In place.
 *
 * @param params tensors, or pairs of name and tensor, as from `model.namedParameters()`; or one tensor
 * @param maxNorm from 0 on; Infinity only measures
 * @returns the norm before scaling, a scalar
 * @throws ThalwegError when the norm is not finite, with `errorIfNonfinite`, before anything is scaled;
 * DeviceError with `errorIfNonfinite` on a device that cannot be read synchronously.
 * @example
 * const w = tensor([0, 0], { requiresGrad: true });
 * w.grad = tensor([3, 4]);
 * clipGradNorm_([w], 1).item(); // → 5
 * w.grad.norm().item().toFixed(4); // → "1.0000"
 */
export function clipGradNorm_(
  params: Tensor | ParameterInput,
  maxNorm: number,
  options: ClipOptions = {},
): Tensor {
  const op = "clipGradNorm_";
  checkArguments(op, { params: parameters, maxNorm: bound, options: clipOptions }, [
    params,
    maxNorm,
    options,
  ]);
  const { normType: p = 2, errorIfNonfinite = false } = options;
  const grads = gradients(op, params);
  if (grads.length === 0) return tensor(0);
  return named(op, () => noGrad(() => scoped(() => clip(grads, maxNorm, p, errorIfNonfinite))));
}

function clip(grads: readonly Tensor[], maxNorm: number, p: number, errorIfNonfinite: boolean): Tensor {
  const total = norm(stack(grads.map((grad) => norm(grad, undefined, { p }))), undefined, { p });
  if (errorIfNonfinite) checkFinite(total);
  const scale = total.add(1e-6).reciprocal().mul(maxNorm).clamp(null, 1);
  for (const grad of grads) grad.mul_(scale);
  return total;
}

function checkFinite(total: Tensor): void {
  let value: number;
  try {
    value = total.item();
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    throw new DeviceError(
      "clipGradNorm_",
      `errorIfNonfinite has to read the norm at once, which is on ${total.device}`,
      "leave it out, and look at `await norm.itemAsync()` of the norm that is returned",
    );
  }
  if (Number.isFinite(value)) return;
  throw new ThalwegError(
    "clipGradNorm_",
    `the norm is ${value}`,
    "look for the first NaN with detectAnomaly",
  );
}

/**
 * Limits each element of each gradient to `[-clipValue, clipValue]`, in place.
 *
 * @param params as for {@link clipGradNorm_}
 * @param clipValue from 0 on
 * @example
 * const w = tensor([0, 0], { requiresGrad: true });
 * w.grad = tensor([-3, 0.5]);
 * clipGradValue_([w], 1);
 * w.grad.toArray(); // → [-1,0.5]
 */
export function clipGradValue_(params: Tensor | ParameterInput, clipValue: number): void {
  checkArguments("clipGradValue_", { params: parameters, clipValue: bound }, [params, clipValue]);
  noGrad(() => {
    for (const grad of gradients("clipGradValue_", params)) grad.clamp_(-clipValue, clipValue);
  });
}
