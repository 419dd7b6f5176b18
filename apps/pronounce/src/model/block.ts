import { LayerNorm, Module, RMSNorm, type Tensor } from "thalweg";
import { CausalAttention } from "./attention";
import type { KeyValueCache } from "./cache";
import type { GPTConfig } from "./config";
import { type FeedForward, feedForward } from "./feed-forward";

export function norm({ norm: kind, width }: GPTConfig): LayerNorm | RMSNorm {
  return kind === "layer" ? new LayerNorm(width) : new RMSNorm(width);
}

/** A layer of the model: attention, then two linear maps; each is added to its input, which it reads normalised. */
export class Block extends Module {
  readonly ln1: LayerNorm | RMSNorm;
  readonly attn: CausalAttention;
  readonly ln2: LayerNorm | RMSNorm;
  readonly mlp: FeedForward;

  constructor(config: GPTConfig, layer: number) {
    super();
    this.ln1 = norm(config);
    this.attn = new CausalAttention(config, layer);
    this.ln2 = norm(config);
    this.mlp = feedForward(config);
  }

  override forward(x: Tensor, cache: KeyValueCache | null = null): Tensor {
    const attended = x.add(this.attn.forward(this.ln1.forward(x), cache));
    return attended.add(this.mlp.forward(this.ln2.forward(attended)));
  }

  protected override stateKey(property: string): string {
    return property.replace(/^ln/, "ln_");
  }
}
