import { ready } from "thalweg";
import type { Fault, Pasted } from "../../classifier/csv";
import { examplesOf, gridOf } from "../../classifier/data";
import { featuresOf } from "../../classifier/network";
import { type Example, featureNames, type Settings, sides } from "../../classifier/settings";
import { type Snapshot, startTraining, type Training } from "../../classifier/training";

/** A snapshot, and how fast it was reached. */
export interface Progress extends Snapshot {
  /** Null where no step was taken. */
  readonly stepsPerSecond: number | null;
}

/** Whether what the page comes with was trained. What makes the next steps faster is fetched only then. */
let isOpened = false;
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
    if (isOpened) training.compile((await import("../../classifier/compiler")).compile);
    const [begin, before] = [performance.now(), training.steps];
    const passed = () => performance.now() - begin;
    while (training.epoch < epoch && !training.hasDiverged && passed() < time) training.advance();
    isOpened ||= training.epoch === epoch;
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

  /** Reads the examples of the reader. */
  readExamples: async (text: string): Promise<Pasted | Fault> =>
    (await import("../../classifier/csv")).readExamples(text),
};
