import { compile, crossEntropy, DataLoader, type Layer, noGrad, randint, type Tensor } from "thalweg";
import { classes, type Digits } from "./digits";

/** The part of an optimizer that is used here. */
interface Stepper {
  readonly name: string;
  zeroGrad(): void;
  step<T>(closure: () => T): T;
}

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
export function stepOf(model: Layer, optimizer: Stepper, isCompiled: boolean): TakeStep {
  const evaluate = (images: Tensor, digits: Tensor) => {
    const scores = model.forward(images);
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
export function* trainEpoch(
  model: Layer,
  step: TakeStep,
  batches: DataLoader<[Tensor, Tensor]>,
): Generator<Step> {
  model.train();
  for (const [images, digits] of batches) {
    const [loss, correct] = step(shifted(images), digits);
    const count = images.shape[0]!;
    yield { images: count, loss: loss.item() * count, correct: correct.item() };
  }
}

/** Counts of how often each digit [row] was taken for each [column]. */
export type Confusion = readonly (readonly number[])[];

/**
 * Tests the model on images that it was not trained with.
 *
 * @param tell receives the number of images so far
 */
export async function test(
  model: Layer,
  held: Digits,
  tell: (images: number) => Promise<unknown>,
): Promise<Confusion> {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  model.eval();
  let read = 0;
  for (const [images, digits] of new DataLoader(held, { batchSize: 250 })) {
    const guesses = noGrad(() => model.forward(images).argmax(1)).dataSync();
    digits.dataSync().forEach((digit, i) => {
      confusion[digit]![guesses[i]!]!++;
    });
    read += guesses.length;
    await tell(read);
  }
  return confusion;
}

/** Share of images on the diagonal. */
export function accuracy(confusion: Confusion): number {
  const total = confusion.flat().reduce((a, b) => a + b, 0);
  return confusion.reduce((sum, row, digit) => sum + row[digit]!, 0) / total;
}
