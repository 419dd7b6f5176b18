import { randomSplit, Subset, type Tensor, TensorDataset, tensor } from "thalweg";
import { counts } from "./settings";

/** Side of an image, in pixels. */
export const side = 28;
/** Number of digits. */
export const classes = 10;

type Example = [image: Tensor, digit: Tensor];

/** All images [10000, 1, 28, 28], and their digits [10000]. */
export type Images = TensorDataset<Example>;

/** Some of them. */
export type Digits = Subset<Example, [images: Tensor, digits: Tensor]>;

/** Pixels from 0 to 1, 784 for each image, and the digits of the images. */
export interface Pixels {
  readonly pixels: Float32Array;
  readonly digits: Float32Array;
}

/** Images [..., 1, 28, 28] as models read them, with the mean and deviation of all of MNIST taken out. */
export function standardised(pixels: Float32Array): Tensor {
  return tensor(pixels, { shape: [pixels.length / side ** 2, 1, side, side] })
    .sub(0.1307)
    .div(0.3081);
}

/** The images of these pixels, which have approximately mean 0 and variance 1. */
export function imagesOf({ pixels, digits }: Pixels): Images {
  return new TensorDataset(standardised(pixels), tensor(digits));
}

/**
 * The images divided at random, by the default generator, into those to train and those to test with.
 *
 * @param count number of training images, all 8,000 unless given
 */
export function divide(
  images: Images,
  count: number = counts.train,
): Readonly<Record<"train" | "test", Digits>> {
  const [rest, held] = randomSplit(images, [counts.train, counts.test]);
  return { train: new Subset(images, rest.indices.slice(0, count)), test: held };
}
