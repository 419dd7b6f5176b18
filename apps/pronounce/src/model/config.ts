/** How a model knows where a token is. */
export const positionKinds = ["learned", "sinusoidal", "rotary"] as const;
/** What keeps the size of a block's inputs. */
export const normKinds = ["layer", "rms"] as const;
/** What is between the two linear maps of a block. */
export const activationKinds = ["gelu", "swiglu"] as const;

/** The shape of a {@link GPT}. */
export interface GPTConfig {
  /** Number of tokens that there are. */
  readonly vocabulary: number;
  /** Number of tokens that it sees at most. */
  readonly context: number;
  readonly layers: number;
  /** Numbers for each token. */
  readonly width: number;
  /** Heads of attention, which share the width. */
  readonly heads: number;
  readonly dropout: number;
  readonly positions: (typeof positionKinds)[number];
  readonly norm: (typeof normKinds)[number];
  readonly activation: (typeof activationKinds)[number];
  /** Whether blocks keep their inputs only, and run again in `backward`. */
  readonly checkpoint: boolean;
}
