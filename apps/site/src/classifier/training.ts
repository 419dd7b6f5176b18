import {
  binaryCrossEntropyWithLogits,
  type compile,
  DataLoader,
  Generator,
  manualSeed,
  noGrad,
  stack,
  type Tensor,
  TensorDataset,
} from "thalweg";
import { makers } from "../race/makers";
import { schedule } from "../schedules/schedule";
import { type Examples, examplesOf, gridOf } from "./data";
import { featuresOf, type Network, networkOf, outputsOf } from "./network";
import { type Settings, sides } from "./settings";

/** How many examples of a class were taken for each class: `confusion[is][taken for]`. */
export type Confusion = readonly [readonly [number, number], readonly [number, number]];

/** How well the network does on a set of examples. */
export interface Score {
  /** The loss after each epoch, from the beginning on. */
  readonly losses: readonly number[];
  readonly confusion: Confusion;
}

/** The parameters of a layer. Weights are row by row: those into one neuron stand together. */
export interface LayerState {
  readonly weights: Float32Array;
  readonly biases: Float32Array;
  /** Gradients of the last batch; null before there was one. */
  readonly slopes: { readonly weights: Float32Array; readonly biases: Float32Array } | null;
}

/** A training at the end of an epoch. */
export interface Snapshot {
  readonly epoch: number;
  /** The learning rate of the next epoch. */
  readonly rate: number;
  readonly train: Score;
  /** Null where no examples are left for it. */
  readonly test: Score | null;
  /** Hidden layers, and the one of the output. */
  readonly layers: readonly LayerState[];
  /** Outputs of the neurons of each hidden layer over the plane: place by place, those of one place together. */
  readonly maps: readonly Float32Array[];
  /** The logit over the plane. */
  readonly output: Float32Array;
  /** Whether the loss is no number any more; the training ends then. */
  readonly hasDiverged: boolean;
}

/** A training that goes on epoch by epoch. */
export interface Training {
  readonly epoch: number;
  /** Updates so far. */
  readonly steps: number;
  readonly hasDiverged: boolean;
  /** Makes the next steps programs. They are faster, and have the same bits. */
  compile(by: typeof compile): void;
  advance(): void;
  snapshot(): Snapshot;
}

/** What is added to the loss to keep weights small. */
function penaltyOf({ penalty, strength }: Settings, { linears }: Network): Tensor | undefined {
  if (penalty !== "l1" && penalty !== "l2") return undefined;
  const sizes = linears.map(({ weight }) => (penalty === "l1" ? weight.abs() : weight.square().div(2)).sum());
  return stack(sizes).sum().mul(strength);
}

function confusionOf(logits: readonly number[], kinds: readonly number[]): Confusion {
  const count = (is: number, taken: number) =>
    logits.filter((logit, i) => kinds[i] === is && Number(logit > 0) === taken).length;
  return [
    [count(0, 0), count(0, 1)],
    [count(1, 0), count(1, 1)],
  ];
}

function stateOf({ weight, bias }: Network["linears"][number]): LayerState {
  const [weights, biases] = [weight.grad?.dataSync(), bias!.grad?.dataSync()];
  return {
    weights: weight.dataSync() as Float32Array,
    biases: bias!.dataSync() as Float32Array,
    slopes:
      weights === undefined ? null : { weights: weights as Float32Array, biases: biases as Float32Array },
  };
}

/** Measures the losses of both sets. */
function measureOf({ layers }: Network, inputs: Tensor, { kinds, trained }: Examples): () => Tensor {
  const rest = kinds.size - trained;
  return () =>
    noGrad(() => {
      const each = binaryCrossEntropyWithLogits(layers.forward(inputs).squeeze(1), kinds, {
        reduction: "none",
      });
      const train = each.narrow(0, 0, trained).mean();
      return stack(rest > 0 ? [train, each.narrow(0, trained, rest).mean()] : [train]);
    });
}

/** Begins the training of some settings. It owns the default generator until another one begins. */
export function startTraining(settings: Settings): Training {
  const examples = examplesOf(settings);
  const { kinds, trained } = examples;
  const size = kinds.size;
  manualSeed(settings.seed);
  const network = networkOf(settings);
  const inputs = featuresOf(examples.places, settings.features);
  const optimizer = makers[settings.optimizer](network.layers.parameters(), settings.rate);
  const changes = schedule(settings.schedule, optimizer, settings.rate, settings.epochs);
  const batches = new DataLoader(
    new TensorDataset(inputs.narrow(0, 0, trained), kinds.narrow(0, 0, trained)),
    {
      batchSize: settings.batch === "all" ? trained : Math.min(trained, Number(settings.batch)),
      shuffle: true,
      generator: new Generator(settings.seed),
    },
  );
  let step = (x: Tensor, kind: Tensor) => {
    const loss = binaryCrossEntropyWithLogits(network.layers.forward(x).squeeze(1), kind);
    const penalty = penaltyOf(settings, network);
    optimizer.zeroGrad();
    (penalty === undefined ? loss : loss.add(penalty)).backward();
    optimizer.step(() => loss);
  };
  let measure = measureOf(network, inputs, examples);
  const losses: [train: number[], test: number[]] = [[], []];
  let [epoch, steps] = [0, 0];
  let [hasDiverged, isCompiled] = [false, false];

  function note(): void {
    network.layers.eval();
    const measured = measure().dataSync() as Float32Array;
    for (const [set, loss] of measured.entries()) losses[set]!.push(loss);
    hasDiverged = !Number.isFinite(losses[0].at(-1));
  }

  function outputs(grid: Tensor): Tensor[] {
    network.layers.eval();
    return noGrad(() => outputsOf(network, featuresOf(grid, settings.features)));
  }

  note();
  return {
    get epoch() {
      return epoch;
    },
    get steps() {
      return steps;
    },
    get hasDiverged() {
      return hasDiverged;
    },

    compile(by) {
      if (isCompiled) return;
      isCompiled = true;
      [step, measure] = [by(step), by(measure)];
    },

    advance() {
      network.layers.train();
      for (const [x, kind] of batches) {
        step(x, kind);
        steps++;
      }
      epoch++;
      note();
      if (!hasDiverged) changes.step(losses[0].at(-1)!);
    },

    snapshot() {
      const logits = Array.from(outputs(examples.places).at(-1)!.dataSync() as Float32Array);
      const taken = Array.from(kinds.dataSync() as Float32Array);
      const score = (set: 0 | 1, from: number, to: number): Score => ({
        losses: [...losses[set]],
        confusion: confusionOf(logits.slice(from, to), taken.slice(from, to)),
      });
      return {
        epoch,
        rate: optimizer.paramGroups[0]!.lr,
        train: score(0, 0, trained),
        test: trained < size ? score(1, trained, size) : null,
        layers: network.linears.map(stateOf),
        maps: outputs(gridOf(sides.neuron))
          .slice(0, -1)
          .map((map) => map.dataSync() as Float32Array),
        output: outputs(gridOf(sides.output)).at(-1)!.dataSync() as Float32Array,
        hasDiverged,
      };
    },
  };
}
