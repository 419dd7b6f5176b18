import { noGrad } from "@thalweg/autograd";
import { norm, scoped, stack, type Tensor, ThalwegError, tensor } from "@thalweg/tensor";

/** Options of {@link clipGradNorm_}. */
export interface ClipOptions {
  /** Order of the norm: 2 unless given, or Infinity for the largest element. */
  readonly normType?: number;
  /** Throw when the norm is infinite or NaN, instead of scaling by it. */
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
  if (errorIfNonfinite && !Number.isFinite(total.item())) {
    throw new ThalwegError(
      "clipGradNorm_",
      `the norm is ${total.item()}`,
      "look for the first NaN with detectAnomaly",
    );
  }
  const scale = total.add(1e-6).reciprocal().mul(maxNorm).clamp(null, 1);
  for (const grad of grads) grad.mul_(scale);
  return total;
}

/** Limits each element of each gradient to `[-clipValue, clipValue]`, in place. */
export function clipGradValue_(params: Tensor | Iterable<Tensor>, clipValue: number): void {
  noGrad(() => {
    for (const grad of gradients(params)) grad.clamp_(-clipValue, clipValue);
  });
}
