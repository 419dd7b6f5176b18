import type { Tensor } from "@thalweg/tensor";
import { checkArguments } from "@thalweg/tensor/internal";
import { Layer } from "../module";
import { maybeInteger, type Own } from "../own";

const own: Own = { name: "Flatten", takes: { start: maybeInteger, end: maybeInteger }, keepsNothing: true };

/**
 * Merges the dimensions from `start` to `end`: [batch, ...] -> [batch, rest] by default, where `start` is 1 and
 * `end` -1. Both may be counted from the end.
 */
export class Flatten extends Layer {
  readonly start: number;
  readonly end: number;

  constructor(start = 1, end = -1) {
    super();
    checkArguments(own.name, own.takes, arguments);
    this.start = start;
    this.end = end;
  }

  override forward(x: Tensor): Tensor {
    return x.flatten(this.start, this.end);
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}
