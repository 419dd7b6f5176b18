import { noGrad } from "@thalweg/autograd";
import { DeviceError, norm, stack, type Tensor, ThalwegError, tensor } from "@thalweg/tensor";
import { scoped } from "@thalweg/tensor/internal";

/** Options of {@link clipGradNorm_}. */
export interface ClipOptions {
  /** Order of the norm: 2 unless given, or Infinity for the largest element. */
  readonly normType?: number;
  /** Throw when the norm is infinite or NaN, instead of scaling by it. Not on a device that answers later. */
  readonly errorIfNonfinite?: boolean;
}

function gradients(params: Tensor | Iterable<Tensor>): Tensor[] {
  const list = Symbol.iterator in params ? [...params] : [params];
  return list.flatMap(({ gradient }) => (gradient === null ? [] : [gradient]));
}

/**
 * Scales all gradients together so that their norm, taken as one vector, is at most `maxNorm`. In place.
 *
 * @returns the norm before scaling, a scalar
 * @throws ThalwegError when the norm is not finite, if that was asked for, before anything is scaled;
 * DeviceError when it was asked for on a device whose numbers cannot be read at once.
 * @example
 * const w = tensor([0, 0], { requiresGrad: true });
 * w.grad = tensor([3, 4]);
 * clipGradNorm_([w], 1).item(); // → 5
 * w.grad.norm().item().toFixed(4); // → "1.0000"
 */
export function clipGradNorm_(
  params: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options: ClipOptions = {},
): Tensor {
  const { normType: p = 2, errorIfNonfinite = false } = options;
  const grads = gradients(params);
  if (grads.length === 0) return tensor(0);
  return noGrad(() => scoped(() => clip(grads, maxNorm, p, errorIfNonfinite)));
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
 * @example
 * const w = tensor([0, 0], { requiresGrad: true });
 * w.grad = tensor([-3, 0.5]);
 * clipGradValue_([w], 1);
 * w.grad.toArray(); // → [-1,0.5]
 */
export function clipGradValue_(params: Tensor | Iterable<Tensor>, clipValue: number): void {
  noGrad(() => {
    for (const grad of gradients(params)) grad.clamp_(-clipValue, clipValue);
  });
}
