import { compile, crossEntropy, DataLoader, noGrad, randint, type Tensor } from "thalweg";
import { classes } from "./images";
import type { Session } from "./session";

/** The result of a step: sums over the images of its batch. */
export interface Step {
  readonly images: number;
  readonly loss: number;
  readonly correct: number;
}

/** Moves images by up to a pixel in both directions, so that the model becomes insensitive to it. */
function shifted(images: Tensor): Tensor {
  const [down, right] = randint([2], -1, 2).dataSync() as Iterable<number> as [number, number];
  return images.roll(down, 2).roll(right, 3);
}

/** Takes a step with a batch; returns its mean loss, and the number of images that were read right. */
export type TakeStep = (images: Tensor, digits: Tensor) => readonly [loss: Tensor, correct: Tensor];

/** The step of training, as a program where that is wanted. */
export function stepOf({ forward, optimizer }: Session, isCompiled: boolean): TakeStep {
  const evaluate = (images: Tensor, digits: Tensor) => {
    const scores = forward(images);
    const loss = crossEntropy(scores, digits);
    optimizer.zeroGrad();
    loss.backward();
    return [loss, scores.detach()] as const;
  };
  // L-BFGS evaluates as often as it has to, so that its step is no program, but its evaluation is one.
  const isWhole = optimizer.name !== "lbfgs";
  const evaluation = isCompiled && !isWhole ? compile(evaluate) : evaluate;
  const step = (images: Tensor, digits: Tensor) => {
    let first: Tensor | null = null;
    // Some optimizers evaluate several times before they take a step; they return the first loss.
    const loss = optimizer.step(() => {
      const [value, scores] = evaluation(images, digits);
      first ??= scores;
      return value;
    });
    return [loss, noGrad(() => first!.argmax(1).eq(digits).sum())] as const;
  };
  return isCompiled && isWhole ? compile(step) : step;
}

/** Goes once through the images, or through the remaining ones of an epoch. */
async function* trainEpoch({ model, device, loader, team }: Session, step: TakeStep): AsyncGenerator<Step> {
  model.train();
  for (const [images, digits] of loader) {
    const [loss, correct] = step(shifted(images).to(device), digits.to(device));
    const count = images.shape[0]!;
    const [mean, right] = await Promise.all([loss.itemAsync(), correct.itemAsync()]);
    const own = { images: count, loss: mean * count, correct: right };
    yield team?.sum(own) ?? own;
  }
}

/** What the model reads in a test image. */
export interface Reading {
  /** Its position among all images. */
  readonly image: number;
  readonly digit: number;
  readonly guess: number;
  /** The probability of the guess. */
  readonly probability: number;
}

/** Reads the images that the model is not trained with, in batches. */
async function* testBatches({ model, device, tests, team }: Session): AsyncGenerator<Reading[]> {
  let first = 0;
  model.eval();
  for (const [images, digits] of new DataLoader(tests, { batchSize: 250 })) {
    const [guesses, best] = noGrad(() => {
      const scores = model.forward(images.to(device));
      return [scores.argmax(1), scores.softmax(1).amax(1)] as const;
    });
    const [guess, probability] = await Promise.all([guesses.data(), best.data()]);
    const start = first;
    first += guess.length;
    const own = Array.from(digits.dataSync(), (digit, i) => ({
      image: tests.indices[start + i]!,
      digit,
      guess: guess[i]!,
      probability: probability[i]!,
    }));
    yield team?.join(own) ?? own;
  }
}

/** Reads all of them. */
export async function readTests(session: Session): Promise<Reading[]> {
  const readings: Reading[] = [];
  for await (const batch of testBatches(session)) readings.push(...batch);
  return readings;
}

/** A moment of training. */
export type Moment =
  /** A step was taken. */
  | { readonly kind: "step"; readonly step: Step }
  /** So many test images were read. */
  | { readonly kind: "test"; readonly images: number }
  /** An epoch has ended: the sums over its steps, and what the model reads now. */
  | { readonly kind: "epoch"; readonly sums: Step; readonly readings: readonly Reading[] };

/** Trains until so many epochs are done. A session can be saved at steps and at the ends of epochs. */
export async function* training(session: Session, step: TakeStep, epochs: number): AsyncGenerator<Moment> {
  while (session.epoch < epochs) {
    for await (const sums of trainEpoch(session, step)) {
      session.add(sums);
      yield { kind: "step", step: sums };
    }
    const readings: Reading[] = [];
    for await (const batch of testBatches(session)) {
      readings.push(...batch);
      yield { kind: "test", images: readings.length };
    }
    const { sums } = session;
    session.endEpoch();
    yield { kind: "epoch", sums, readings };
  }
}

/** Counts of how often each digit [row] was taken for each [column]. */
export type Confusion = readonly (readonly number[])[];

export function confusionOf(readings: readonly Reading[]): Confusion {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { digit, guess } of readings) confusion[digit]![guess]!++;
  return confusion;
}

/** Share of images on the diagonal. */
export function accuracy(confusion: Confusion): number {
  const total = confusion.flat().reduce((a, b) => a + b, 0);
  return confusion.reduce((sum, row, digit) => sum + row[digit]!, 0) / total;
}
