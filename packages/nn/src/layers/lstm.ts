import { linear, pointwise, type Tensor, ThalwegError } from "@thalweg/tensor";
import { checkArguments, count, list, tensorKind } from "@thalweg/tensor/internal";
import type { Own } from "../own";
import { Recurrent, type RecurrentOptions, recurrent } from "./recurrent";

/** Options of {@link LSTM}. */
export interface LSTMOptions extends RecurrentOptions {
  /** Size that outputs are projected to; 0, for no projection, unless given. */
  readonly projSize?: number;
}

const own = /* @__PURE__ */ recurrent("LSTM", /* @__PURE__ */ list(tensorKind, 2), {
  projSize: count,
});

const nextCell = /* @__PURE__ */ pointwise("lstmCell", (input, forget, candidate, c) =>
  forget.sigmoid().mul(c).add(input.sigmoid().mul(candidate.tanh())),
);
const nextOutput = /* @__PURE__ */ pointwise("lstmOutput", (output, c) => output.sigmoid().mul(c.tanh()));

/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997, with forget gates). Shapes are those of {@link RNN},
 * with two states, h and c; parameters hold the gates in the order input, forget, cell, output. With `projSize`
 * h is projected (Sak et al., 2014) and has that size.
 *
 * @example
 * const lstm = new LSTM(3, 4, { numLayers: 2, batchFirst: true });
 * const [output, [h, c]] = lstm.forward(zeros([2, 5, 3]));
 * output.shape; // → [2,5,4]
 * h.shape; // → [2,2,4]
 * Object.keys(lstm.stateDict())[0]; // → "weight_ih_l0"
 */
export class LSTM extends Recurrent {
  readonly projSize: number;

  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    checkArguments(own.name, own.takes, arguments);
    const { projSize = 0 } = options;
    if (projSize > 0 && projSize >= hiddenSize) {
      throw new ThalwegError(
        "LSTM",
        `projSize is ${projSize}, hiddenSize ${hiddenSize}`,
        "it must be a smaller whole number, or 0 for no projection",
      );
    }
    super(inputSize, hiddenSize, { gates: 4, states: [projSize || hiddenSize, hiddenSize] }, options);
    this.projSize = projSize;
  }

  /**
   * @param state the initial h and c; zeros unless given
   * @throws ShapeError when input or state do not fit.
   */
  override forward(
    x: Tensor,
    state?: readonly [h: Tensor, c: Tensor],
  ): [output: Tensor, state: [h: Tensor, c: Tensor]] {
    const [output, [h, c]] = this.run(x, state);
    return [output, [h!, c!]];
  }

  protected override step(
    fromInput: Tensor,
    fromState: Tensor,
    [, before]: readonly Tensor[],
    suffix: string,
  ): readonly Tensor[] {
    const [input, forget, candidate, output] = fromInput.add(fromState).chunk(4, -1);
    const c = nextCell(input!, forget!, candidate!, before!);
    const h = nextOutput(output!, c);
    return [this.projSize === 0 ? h : linear(h, this[`weightHr${suffix as `L${string}`}`]!), c];
  }

  protected override extraRepr(): string {
    return `${super.extraRepr()}, projSize=${this.projSize}`;
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}
