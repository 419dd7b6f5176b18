import { arange, Dropout, Linear, Module, scaledDotProductAttention, snakeCase, type Tensor } from "thalweg";
import type { KeyValueCache } from "./cache";
import type { GPTConfig } from "./config";
import { rotated } from "./positions";

/**
 * Attention of each token to itself and those before it: [batch, tokens, width] -> the same. What comes after a sequence,
 * such as padding, changes nothing in it.
 */
export class CausalAttention extends Module {
  /** Queries, keys and values in one product. */
  readonly cAttn: Linear;
  readonly cProj: Linear;
  readonly dropout: Dropout;
  private readonly heads: number;
  private readonly isRotary: boolean;
  private readonly layer: number;

  constructor({ width, heads, dropout, positions }: GPTConfig, layer: number) {
    super();
    this.cAttn = new Linear(width, 3 * width);
    this.cProj = new Linear(width, width);
    this.dropout = new Dropout(dropout);
    this.heads = heads;
    this.isRotary = positions === "rotary";
    this.layer = layer;
  }

  override forward(x: Tensor, cache: KeyValueCache | null = null): Tensor {
    const [batch, tokens, width] = x.shape as [number, number, number];
    const [q, k, v] = this.cAttn
      .forward(x)
      .chunk(3, -1)
      .map((part) => part.reshape([batch, tokens, this.heads, width / this.heads]).transpose(1, 2)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const first = cache?.length ?? 0;
    const [queries, keys] = this.isRotary ? [rotated(q, first), rotated(k, first)] : [q, k];
    const attended =
      cache === null
        ? scaledDotProductAttention(queries, keys, v, {
            isCausal: true,
            dropoutP: this.training ? this.dropout.p : 0,
          })
        : this.attend(queries, keys, v, cache);
    return this.dropout.forward(this.cProj.forward(attended.transpose(1, 2).flatten(2)));
  }

  /** Attention to the tokens of the cache, too, which gets the new ones. */
  private attend(q: Tensor, k: Tensor, v: Tensor, { layers, length }: KeyValueCache): Tensor {
    const { keys, values } = layers[this.layer]!;
    const count = k.shape[2]!;
    keys.narrow(2, length, count).copy_(k);
    values.narrow(2, length, count).copy_(v);
    const [all, each] = [keys, values].map((x) => x.narrow(2, 0, length + count)) as [Tensor, Tensor];
    if (count === 1) return scaledDotProductAttention(q, all, each);
    const place = { device: q.device };
    const mask = arange(length + count, place).le(arange(length, length + count, place).unsqueeze(1));
    return scaledDotProductAttention(q, all, each, { mask });
  }

  protected override stateKey(property: string): string {
    return snakeCase(property);
  }
}
