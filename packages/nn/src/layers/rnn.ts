import { pointwise, type Tensor } from "@thalweg/tensor";
import { checkArguments, oneOf, tensorKind } from "@thalweg/tensor/internal";
import type { Own } from "../own";
import { Recurrent, type RecurrentOptions, recurrent } from "./recurrent";

/** Options of {@link RNN}. */
export interface RNNOptions extends RecurrentOptions {
  /** The activation; `"tanh"` unless given. */
  readonly nonlinearity?: "tanh" | "relu";
}

const cells = {
  tanh: /* @__PURE__ */ pointwise("rnnTanh", (a, b) => a.add(b).tanh()),
  relu: /* @__PURE__ */ pointwise("rnnRelu", (a, b) => a.add(b).relu()),
};

const own = /* @__PURE__ */ recurrent("RNN", tensorKind, {
  nonlinearity: /* @__PURE__ */ oneOf("tanh", "relu"),
});

/**
 * Elman's network: hₜ = tanh(W_ih·xₜ + b_ih + W_hh·hₜ₋₁ + b_hh) (1990). Input [time, batch, in], or
 * [batch, time, in] with `batchFirst`, or [time, in] -> output [time, batch, hidden] (twice hidden if
 * bidirectional) and the last states [layers * directions, batch, hidden].
 *
 * @example
 * const rnn = new RNN(3, 4, { numLayers: 2 });
 * const [output, state] = rnn.forward(zeros([5, 2, 3]));
 * output.shape; // → [5,2,4]
 * state.shape; // → [2,2,4]
 */
export class RNN extends Recurrent {
  readonly nonlinearity: "tanh" | "relu";

  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    checkArguments(own.name, own.takes, arguments);
    super(inputSize, hiddenSize, { gates: 1, states: [hiddenSize] }, options);
    this.nonlinearity = options.nonlinearity ?? "tanh";
  }

  /**
   * @param state the initial state; zeros unless given
   * @throws ShapeError when input or state do not fit.
   */
  override forward(x: Tensor, state?: Tensor): [output: Tensor, state: Tensor] {
    const [output, [end]] = this.run(x, state && [state]);
    return [output, end!];
  }

  protected override step(fromInput: Tensor, fromState: Tensor): readonly Tensor[] {
    return [cells[this.nonlinearity](fromInput, fromState)];
  }

  protected override extraRepr(): string {
    return `${super.extraRepr()}, nonlinearity=${this.nonlinearity}`;
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}
