import { pointwise, type Tensor } from "@thalweg/tensor";
import { checkArguments, tensorKind } from "@thalweg/tensor/internal";
import type { Own } from "../own";
import { Recurrent, type RecurrentOptions, recurrent } from "./recurrent";

const own = /* @__PURE__ */ recurrent("GRU", tensorKind, {});

/** (1 - z)·n + z·h, where n comes from the input and from the state gated by r. */
const next = /* @__PURE__ */ pointwise("gruCell", (r, z, fromInput, fromState, h) => {
  const n = fromInput.add(r.sigmoid().mul(fromState)).tanh();
  return n.add(z.sigmoid().mul(h.sub(n)));
});

/**
 * Gated recurrent units (Cho et al., 2014), as PyTorch defines them: the reset gate acts on W_hn·h + b_hn. Shapes
 * are those of {@link RNN}; parameters hold the gates in the order reset, update, new.
 *
 * @example
 * const gru = new GRU(3, 4, { batchFirst: true, bidirectional: true });
 * const [output, state] = gru.forward(zeros([2, 5, 3]));
 * output.shape; // → [2,5,8]
 * state.shape; // → [2,2,4]
 */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    checkArguments(own.name, own.takes, arguments);
    super(inputSize, hiddenSize, { gates: 3, states: [hiddenSize] }, options);
  }

  /**
   * @param state the initial state; zeros unless given
   * @throws ShapeError when input or state do not fit.
   */
  override forward(x: Tensor, state?: Tensor): [output: Tensor, state: Tensor] {
    const [output, [end]] = this.run(x, state && [state]);
    return [output, end!];
  }

  protected override step(fromInput: Tensor, fromState: Tensor, [h]: readonly Tensor[]): readonly Tensor[] {
    const [reset, update] = fromInput
      .narrow(-1, 0, 2 * this.hiddenSize)
      .add(fromState.narrow(-1, 0, 2 * this.hiddenSize))
      .chunk(2, -1);
    const [input, state] = [fromInput, fromState].map((x) =>
      x.narrow(-1, 2 * this.hiddenSize, this.hiddenSize),
    );
    return [next(reset!, update!, input!, state!, h!)];
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}
