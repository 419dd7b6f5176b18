import { Dropout, gelu, Layer, Linear, silu, snakeCase, type Tensor } from "thalweg";
import type { GPTConfig } from "./config";

/** Two linear maps with a GELU between them, four times as wide as the model: [..., width] -> [..., width]. */
class GELUFeedForward extends Layer {
  readonly cFc: Linear;
  readonly cProj: Linear;
  readonly dropout: Dropout;

  constructor({ width, dropout }: GPTConfig) {
    super();
    this.cFc = new Linear(width, 4 * width);
    this.cProj = new Linear(4 * width, width);
    this.dropout = new Dropout(dropout);
  }

  override forward(x: Tensor): Tensor {
    return this.dropout.forward(this.cProj.forward(gelu(this.cFc.forward(x))));
  }

  protected override stateKey(property: string): string {
    return snakeCase(property);
  }
}

/**
 * SwiGLU (Shazeer, 2020): one linear map gates another, [..., width] -> [..., width]. The maps have two thirds of the other's
 * width, and so the same number of parameters.
 */
class SwiGLUFeedForward extends Layer {
  /** Gates, and what they let through, in one product. */
  readonly cFc: Linear;
  readonly cProj: Linear;
  readonly dropout: Dropout;

  constructor({ width, dropout }: GPTConfig) {
    super();
    const inner = Math.round((8 * width) / 3);
    this.cFc = new Linear(width, 2 * inner);
    this.cProj = new Linear(inner, width);
    this.dropout = new Dropout(dropout);
  }

  override forward(x: Tensor): Tensor {
    const [gate, value] = this.cFc.forward(x).chunk(2, -1) as [Tensor, Tensor];
    return this.dropout.forward(this.cProj.forward(silu(gate).mul(value)));
  }

  protected override stateKey(property: string): string {
    return snakeCase(property);
  }
}

export type FeedForward = GELUFeedForward | SwiGLUFeedForward;

export function feedForward(config: GPTConfig): FeedForward {
  return config.activation === "gelu" ? new GELUFeedForward(config) : new SwiGLUFeedForward(config);
}
