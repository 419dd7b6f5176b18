import { layerLaws } from "@thalweg/testing";
import {
  init,
  Layer,
  Linear,
  Module,
  Parameter,
  randn,
  snakeCase,
  type Tensor,
  zeros,
} from "thalweg";

// #region layer
/** A linear layer whose weight is the product of two thin matrices. [..., in] -> [..., out]. */
class LowRank extends Layer {
  readonly down: Parameter;
  readonly up: Parameter;
  readonly bias: Parameter | null;

  constructor(
    inFeatures: number,
    outFeatures: number,
    rank: number,
    options: { bias?: boolean } = {},
  ) {
    super();
    this.down = new Parameter(zeros([rank, inFeatures]));
    this.up = new Parameter(zeros([outFeatures, rank]));
    this.bias =
      options.bias === false ? null : new Parameter(zeros([outFeatures]));
    init.kaimingUniform_(this.down, { a: Math.sqrt(5) });
    init.normal_(this.up, { std: 0.1 });
  }

  override forward(x: Tensor): Tensor {
    const y = x
      .matmul(this.down.transpose(0, 1))
      .matmul(this.up.transpose(0, 1));
    return this.bias === null ? y : y.add(this.bias);
  }
}

new LowRank(64, 32, 4).forward(randn([10, 64])).shape; // → [10,32]
Object.keys(new LowRank(64, 32, 4, { bias: false }).stateDict()); // → ["down","up"]
// #endregion layer

// #region buffer
/** Divides by a running root mean square, which is saved but not trained. */
class RunningScale extends Layer {
  meanSquare = this.registerBuffer("meanSquare", zeros([1]).add(1));

  override forward(x: Tensor): Tensor {
    if (this.training) {
      this.meanSquare.mul_(0.9).add_(x.detach().square().mean().mul(0.1));
    }
    return x.div(this.meanSquare.add(1e-5).sqrt());
  }

  protected override stateKey(property: string): string {
    return snakeCase(property);
  }
}
Object.keys(new RunningScale().stateDict()); // → ["mean_square"]
// #endregion buffer

// #region several
class Siamese extends Module {
  readonly encoder = new LowRank(16, 8, 2);
  readonly head = new Linear(8, 1);

  override forward(
    a: Tensor,
    b: Tensor,
  ): { score: Tensor; codes: [Tensor, Tensor] } {
    const codes: [Tensor, Tensor] = [
      this.encoder.forward(a),
      this.encoder.forward(b),
    ];
    return {
      score: this.head.forward(codes[0].sub(codes[1]).abs()),
      codes,
    };
  }
}
new Siamese().forward(randn([5, 16]), randn([5, 16])).score.shape; // → [5,1]
// #endregion several

// #region laws
const laws = layerLaws(() => new LowRank(3, 2, 2), [{ shape: [4, 3] }], {
  keys: ["down", "up", "bias"],
});
for (const law of laws) await law.run();
// #endregion laws
