import { type Tensor, zeros } from "thalweg";
import type { GPTConfig } from "./config";

/** Keys and values of one layer, [batch, heads, context, width of a head]. */
export interface LayerCache {
  keys: Tensor;
  values: Tensor;
}

/** What a model has computed of the tokens that it has read, so that it reads only the new ones. */
export class KeyValueCache {
  readonly layers: readonly LayerCache[];
  /** Number of tokens that were read. */
  length = 0;

  constructor({ layers, heads, context, width }: GPTConfig, batch: number, device: string) {
    const room = () => zeros([batch, heads, context, width / heads], { device });
    this.layers = Array.from({ length: layers }, () => ({ keys: room(), values: room() }));
  }

  /** Keeps these sequences [rows], which may be fewer, or some of them several times. */
  select(rows: Tensor): void {
    for (const layer of this.layers) {
      layer.keys = layer.keys.indexSelect(0, rows);
      layer.values = layer.values.indexSelect(0, rows);
    }
  }
}
