import type { Tensor } from "@thalweg/tensor";
import { Layer } from "../module";

/** Merges the dimensions from `start` to `end`: [batch, ...] -> [batch, rest] unless told otherwise. */
export class Flatten extends Layer {
  readonly start: number;
  readonly end: number;

  constructor(start = 1, end = -1) {
    super();
    this.start = start;
    this.end = end;
  }

  override forward(x: Tensor): Tensor {
    return x.flatten(this.start, this.end);
  }

  protected override get transparentAs(): unknown {
    return Flatten;
  }
}
