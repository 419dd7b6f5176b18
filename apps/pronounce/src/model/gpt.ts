import {
  arange,
  checkpoint,
  Dropout,
  Embedding,
  init,
  type LayerNorm,
  Linear,
  Module,
  ModuleList,
  type RMSNorm,
  type Tensor,
} from "thalweg";
import { Block, norm } from "./block";
import { KeyValueCache } from "./cache";
import type { GPTConfig } from "./config";
import { sinusoids } from "./positions";

const keys: Readonly<Record<string, string>> = { lnF: "ln_f", lmHead: "lm_head" };
/** Deviation of the parameters at the start. */
const deviation = 0.02;

/**
 * A decoder-only transformer as GPT-2 is one (Radford et al., 2019): tokens [batch, tokens] -> scores of the token that comes
 * after each, [batch, tokens, vocabulary]. `lmHead.weight` is `wte.weight`: one parameter.
 */
export class GPT extends Module {
  readonly config: GPTConfig;
  readonly wte: Embedding;
  /** Null where positions are not learned. */
  readonly wpe: Embedding | null;
  readonly dropout: Dropout;
  readonly h: ModuleList<Block>;
  readonly lnF: LayerNorm | RMSNorm;
  readonly lmHead: Linear;

  constructor(config: GPTConfig) {
    super();
    const { vocabulary, context, layers, width, dropout, positions } = config;
    this.config = config;
    this.wte = new Embedding(vocabulary, width);
    this.wpe = positions === "learned" ? new Embedding(context, width) : null;
    this.dropout = new Dropout(dropout);
    this.h = new ModuleList(Array.from({ length: layers }, (_, layer) => new Block(config, layer)));
    this.lnF = norm(config);
    this.lmHead = new Linear(width, vocabulary, { bias: false });
    this.lmHead.weight = this.wte.weight;
    this.resetParameters();
  }

  /** Draws new parameters. What is added to the sum that runs through all layers starts smaller the more layers there are. */
  resetParameters(): void {
    const residual = deviation / Math.sqrt(2 * this.config.layers);
    for (const [name, parameter] of this.namedParameters()) {
      if (parameter.ndim < 2) continue;
      init.normal_(parameter, { std: name.endsWith("c_proj.weight") ? residual : deviation });
    }
    for (const module of this.modules()) {
      if (module instanceof Linear && module.bias !== null) init.zeros_(module.bias);
    }
  }

  get device(): string {
    return this.wte.weight.device;
  }

  /** A cache of this model for so many sequences. */
  cache(batch: number): KeyValueCache {
    return new KeyValueCache(this.config, batch, this.device);
  }

  /** @param cache what was read before these tokens, and gets them, outside of recording; nothing unless given */
  override forward(tokens: Tensor, cache: KeyValueCache | null = null): Tensor {
    const { config, wpe, device } = this;
    const count = tokens.shape[1]!;
    const first = cache?.length ?? 0;
    let x = this.wte.forward(tokens);
    if (wpe !== null) x = x.add(wpe.forward(arange(first, first + count, { dtype: "int32", device })));
    else if (config.positions === "sinusoidal") x = x.add(sinusoids(first, count, config.width, device));
    x = this.dropout.forward(x);
    for (const block of this.h) {
      x =
        config.checkpoint && this.training
          ? checkpoint((y: Tensor) => block.forward(y), x)
          : block.forward(x, cache);
    }
    if (cache !== null) cache.length += count;
    return this.lmHead.forward(this.lnF.forward(x));
  }

  protected override stateKey(property: string): string {
    return keys[property] ?? property;
  }
}
