import { bernoulli, type Generator, type Tensor, ThalwegError } from "@thalweg/tensor";
import { Layer } from "../module";

/**
 * While training, sets elements to 0 with probability `p` and divides the others by 1 - p, so that sums
 * keep their mean (Hinton et al., 2012). Otherwise passes everything. Any shape.
 */
export class Dropout extends Layer {
  readonly p: number;
  private readonly generator: Generator | undefined;

  /** @param options.generator where the choice comes from; the default generator unless given */
  constructor(p = 0.5, { generator }: { readonly generator?: Generator } = {}) {
    super();
    checkProbability("Dropout", "p", p);
    this.p = p;
    this.generator = generator;
  }

  override forward(x: Tensor): Tensor {
    return this.training ? dropped(x, this.p, this.generator) : x;
  }

  protected override extraRepr(): string {
    return `p=${this.p}`;
  }

  protected override get transparentAs(): unknown {
    return Dropout;
  }
}

/** Throws unless a number is one from 0 to 1. */
export function checkProbability(op: string, name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ThalwegError(op, `${name} is ${p}`, "it must be from 0 to 1");
}

/** What {@link Dropout} does while training. */
export function dropped(x: Tensor, p: number, generator?: Generator): Tensor {
  if (p === 0) return x;
  if (p === 1) return x.mul(0);
  const place = { device: x.device, dtype: x.dtype };
  const options = generator === undefined ? place : { ...place, generator };
  const kept = bernoulli(x.shape, 1 - p, options);
  return x.mul(kept.div(1 - p));
}
