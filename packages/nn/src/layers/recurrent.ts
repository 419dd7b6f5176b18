import { cat, linear, ShapeError, stack, type Tensor, zeros } from "@thalweg/tensor";
import {
  boolean,
  checkArguments,
  formatShape,
  type Kind,
  kind,
  optional,
  options,
  positive,
  probability,
  type Signature,
  stepsOf,
  tensorKind,
} from "@thalweg/tensor/internal";
import { nameOf } from "../guard";
import { uniform_ } from "../init";
import { Module, snakeCase } from "../module";
import { fresh, type Own } from "../own";
import type { Parameter } from "../parameter";
import { dropped } from "./dropout";

/** Options of {@link RNN}, {@link LSTM} and {@link GRU}. */
export interface RecurrentOptions {
  /** Number of stacked layers, each of which reads the output of the one below; 1 unless given. */
  readonly numLayers?: number;
  /** Whether the layers have biases; true unless given. */
  readonly bias?: boolean;
  /** Whether input and output are [batch, time, ...] rather than [time, batch, ...]; false unless given. */
  readonly batchFirst?: boolean;
  /** Probability with which outputs of all layers but the last are dropped while training; 0 unless given. */
  readonly dropout?: number;
  /** Whether a second set of cells reads the sequence from its end; false unless given. */
  readonly bidirectional?: boolean;
}

/** The arguments that all of them take, with the options of one of them. */
export const recurrent = (name: string, state: Kind, fields: Signature): Own => ({
  name,
  takes: {
    inputSize: positive,
    hiddenSize: positive,
    options: options<RecurrentOptions>({
      numLayers: positive,
      bias: boolean,
      batchFirst: boolean,
      dropout: probability,
      bidirectional: boolean,
      ...fields,
    }),
  },
  inputs: { x: tensorKind, state: optional(state) },
});

/** A kind of cell, as {@link Recurrent} needs to know it. */
export interface RecurrentCell {
  /** Number of vectors of the hidden size that a cell computes from input and state. */
  readonly gates: number;
  /** Sizes of the tensors of its state; the first is the output, which the next layer reads. */
  readonly states: readonly number[];
}

/** Names of the parameters, `weightIhL0`, `biasHhL1Reverse`, ... */
export type RecurrentParameterName = `${"weight" | "bias"}${"Ih" | "Hh" | "Hr"}L${string}`;

const constructed: Signature = {
  inputSize: positive,
  hiddenSize: positive,
  cell: /* @__PURE__ */ kind(
    "a cell",
    (value) =>
      typeof (value as RecurrentCell | null)?.gates === "number" &&
      Array.isArray((value as RecurrentCell).states),
  ),
  options: /* @__PURE__ */ kind(
    "an object of options",
    (value) => typeof value === "object" && value !== null,
  ),
};

/** Layers of cells that read a sequence step by step: the base class of RNN, LSTM and GRU. */
export abstract class Recurrent extends Module {
  /** `weightIhL0` [gates * hidden, in], `weightHhL0`, `biasIhL0`, `biasHhL0`, ..., also with `Reverse` at the end. */
  readonly [name: RecurrentParameterName]: Parameter;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  private readonly cell: RecurrentCell;

  protected constructor(
    inputSize: number,
    hiddenSize: number,
    cell: RecurrentCell,
    options: RecurrentOptions,
  ) {
    super();
    checkArguments("Recurrent", constructed, [inputSize, hiddenSize, cell, options]);
    const { numLayers = 1, bias = true, batchFirst = false, dropout = 0, bidirectional = false } = options;
    const { gates, states } = cell;
    const name = nameOf(this);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    this.cell = cell;
    const [outputSize] = states as [number];
    for (const [suffix, layer] of this.suffixes()) {
      const width = layer === 0 ? inputSize : outputSize * (bidirectional ? 2 : 1);
      const shapes: Record<string, readonly number[]> = {
        weightIh: [gates * hiddenSize, width],
        weightHh: [gates * hiddenSize, outputSize],
        ...(bias ? { biasIh: [gates * hiddenSize], biasHh: [gates * hiddenSize] } : {}),
        ...(outputSize !== hiddenSize ? { weightHr: [outputSize, hiddenSize] } : {}),
      };
      for (const [key, shape] of Object.entries(shapes)) {
        this.registerParameter(`${key}${suffix}`, fresh(name, shape));
      }
    }
    this.resetParameters();
  }

  /** Draws new parameters, uniform in ±1/√hidden. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const parameter of this.parameters()) uniform_(parameter, { low: -bound, high: bound });
  }

  /**
   * One step of a cell: [batch, ...] from the products with its input and its state, biases included.
   *
   * @param suffix the ending of its parameters' names
   */
  protected abstract step(
    fromInput: Tensor,
    fromState: Tensor,
    states: readonly Tensor[],
    suffix: string,
  ): readonly Tensor[];

  /** The output of the last layer, and the states at the end. */
  protected run(x: Tensor, given: readonly Tensor[] | undefined): [output: Tensor, states: Tensor[]] {
    const { batchFirst, numLayers } = this;
    this.checkInput(x);
    const isBatched = x.ndim === 3;
    let y = isBatched ? x : x.unsqueeze(1);
    if (isBatched && batchFirst) y = y.transpose(0, 1);
    const before = this.initial(y, given, isBatched);

    const ends: Tensor[][] = this.cell.states.map(() => []);
    const outputs: Tensor[] = [];
    let cell = 0;
    for (const [suffix, layer, isReverse] of this.suffixes()) {
      const start = before.map((state) => state.select(0, cell));
      const [output, end] = this.read(y, start, suffix, isReverse);
      outputs.push(output);
      end.forEach((state, i) => {
        ends[i]!.push(state);
      });
      cell++;
      if (this.bidirectional && !isReverse) continue;
      y = outputs.length === 1 ? outputs[0]! : cat(outputs, -1);
      outputs.length = 0;
      if (this.training && layer < numLayers - 1) y = dropped(y, this.dropout);
    }
    if (isBatched && batchFirst) y = y.transpose(0, 1);
    const last = ends.map((states) => stack(states, 0));
    return isBatched ? [y, last] : [y.squeeze(1), last.map((state) => state.squeeze(1))];
  }

  /** Lets one cell read a sequence [time, batch, in]. */
  private read(
    x: Tensor,
    start: readonly Tensor[],
    suffix: string,
    isReverse: boolean,
  ): [output: Tensor, end: readonly Tensor[]] {
    const parameter = (name: "weightIh" | "weightHh" | "biasIh" | "biasHh"): Parameter | null =>
      this[`${name}L${suffix.slice(1)}`] ?? null;
    const [hidden, bias] = [parameter("weightHh")!, parameter("biasHh")];
    // The part that depends on the input alone is one product for all steps.
    const fromInput = stepsOf(linear(x, parameter("weightIh")!, parameter("biasIh")));
    const outputs: Tensor[] = [];
    let states = start;
    for (let i = 0; i < fromInput.length; i++) {
      const time = isReverse ? fromInput.length - 1 - i : i;
      states = this.step(fromInput[time]!, linear(states[0]!, hidden, bias), states, suffix);
      outputs[time] = states[0]!;
    }
    return [stack(outputs, 0), states];
  }

  /** The endings of parameters' names, from the first layer to the last, each forwards and then backwards. */
  private *suffixes(): Generator<[suffix: string, layer: number, isReverse: boolean]> {
    for (let layer = 0; layer < this.numLayers; layer++) {
      yield [`L${layer}`, layer, false];
      if (this.bidirectional) yield [`L${layer}Reverse`, layer, true];
    }
  }

  private checkInput(x: Tensor): void {
    const { inputSize } = this;
    const name = nameOf(this);
    if ((x.ndim !== 2 && x.ndim !== 3) || x.shape.at(-1) !== inputSize) {
      throw new ShapeError(
        name,
        `the input does not fit, shape ${formatShape(x.shape)} and ${inputSize} inputs`,
        `it must be [${this.batchFirst ? "batch, time" : "time, batch"}, ${inputSize}], or [time, ${inputSize}]`,
        [x.shape],
      );
    }
    if (x.shape[x.ndim === 3 && this.batchFirst ? 1 : 0] === 0) {
      throw new ShapeError(name, `the sequence is empty, shape ${formatShape(x.shape)}`, "give it a step", [
        x.shape,
      ]);
    }
  }

  /** The initial states, each [cells, batch, size]; zeros unless given. */
  private initial(y: Tensor, given: readonly Tensor[] | undefined, isBatched: boolean): Tensor[] {
    const cells = this.numLayers * (this.bidirectional ? 2 : 1);
    const batch = y.shape[1]!;
    return this.cell.states.map((size, i) => {
      const shape = [cells, batch, size];
      const state = given?.[i];
      if (state === undefined) return zeros(shape, { dtype: y.dtype, device: y.device });
      const expected = isBatched ? shape : [cells, size];
      if (String(state.shape) !== String(expected)) {
        throw new ShapeError(
          nameOf(this),
          `the state does not fit, shape ${formatShape(state.shape)}, not ${formatShape(expected)}`,
          "it is [layers * directions, batch, hidden], without the batch where the input has none",
          [state.shape, expected],
        );
      }
      return isBatched ? state : state.unsqueeze(1);
    });
  }

  protected override stateKey(property: string): string {
    return snakeCase(property);
  }

  protected override extraRepr(): string {
    const { inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional } = this;
    const options = { numLayers, bias, batchFirst, dropout, bidirectional };
    const texts = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    return [inputSize, hiddenSize, ...texts].join(", ");
  }
}
