import type { Draw } from "../sample";

/** Something for each of the two dimensions of an image: height, then width. */
export type Pair = readonly [number, number];

/**
 * Which elements a convolution multiplies: those of the image at `y * stride + k * dilation - before` with
 * element k of the kernel, for element y of the result. What lies outside of the image counts as 0.
 */
export interface Form {
  readonly groups: number;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Padding at the top and on the left. The sizes tell the rest. */
  readonly before: Pair;
  readonly image: Pair;
  readonly kernel: Pair;
  readonly result: Pair;
}

export function pair(make: (d: 0 | 1) => number): Pair {
  return [make(0), make(1)];
}

/** A small one, for generated tests; the image may have margins that nobody reads. */
export function drawForm(draw: Draw): Form {
  const either = (min: number, max: number) => pair(() => draw.int(min, max));
  const [stride, dilation, kernel, result] = [either(1, 3), either(1, 2), either(1, 3), either(1, 3)];
  const before = either(0, 2);
  const image = pair((d) => {
    const reach = (result[d] - 1) * stride[d] + (kernel[d] - 1) * dilation[d] + 1;
    return Math.max(1, reach - before[d] - draw.int(-1, 2));
  });
  return { groups: draw.int(1, 2), stride, dilation, before, image, kernel, result };
}
