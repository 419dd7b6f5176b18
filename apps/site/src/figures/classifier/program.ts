import { ready } from "thalweg";
import { readExamples } from "../../classifier/csv";
import { examplesOf, gridOf } from "../../classifier/data";
import { featuresOf } from "../../classifier/network";
import { type Example, featureNames, type Settings } from "../../classifier/settings";
import { type Snapshot, sides, startTraining, type Training } from "../../classifier/training";

/** A snapshot, and how fast it was reached. */
export interface Progress extends Snapshot {
  /** Null where no step was taken. */
  readonly stepsPerSecond: number | null;
}

let current: { readonly key: string; readonly training: Training } | undefined;

/** The training of these settings, not further than an epoch. */
function trainingOf(settings: Settings, epoch: number): Training {
  const key = JSON.stringify(settings);
  if (current === undefined || current.key !== key || current.training.epoch > epoch) {
    current = { key, training: startTraining(settings) };
  }
  return current.training;
}

/** Computes the figure of the classifier. */
export const program = {
  /** Trains on until an epoch, or until a time in milliseconds is over. */
  async advance(settings: Settings, epoch: number, time: number): Promise<Progress> {
    await ready();
    const training = trainingOf(settings, epoch);
    const [begin, before] = [performance.now(), training.steps];
    const passed = () => performance.now() - begin;
    while (training.epoch < epoch && !training.hasDiverged && passed() < time) training.advance();
    const steps = training.steps - before;
    const stepsPerSecond = steps > 0 ? (1000 * steps) / passed() : null;
    return { ...training.snapshot(), stepsPerSecond };
  },

  /** The examples, and how many of them, the first, are for training. */
  examples(settings: Settings): { readonly all: readonly Example[]; readonly trained: number } {
    const { places, kinds, trained } = examplesOf(settings);
    const kind = kinds.dataSync();
    const all = (places.toArray() as [number, number][]).map(
      ([x, y], i): Example => [x, y, kind[i] === 1 ? 1 : 0],
    );
    return { all, trained };
  },

  /** All features over the plane: place by place, those of one place together. */
  features: () => featuresOf(gridOf(sides.neuron), featureNames).dataSync() as Float32Array,

  readExamples,
};
