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
    if (!(p >= 0 && p <= 1)) throw new ThalwegError("Dropout", `p is ${p}`, "it must be from 0 to 1");
    this.p = p;
    this.generator = generator;
  }

  override forward(x: Tensor): Tensor {
    if (!this.training || this.p === 0) return x;
    if (this.p === 1) return x.mul(0);
    const place = { device: x.device, dtype: x.dtype };
    const options = this.generator === undefined ? place : { ...place, generator: this.generator };
    const kept = bernoulli(x.shape, 1 - this.p, options);
    return x.mul(kept.div(1 - this.p));
  }

  protected override extraRepr(): string {
    return `p=${this.p}`;
  }

  protected override get transparentAs(): unknown {
    return Dropout;
  }
}
