import type { Draw } from "../sample";

/** One value for the height and one for the width. */
export type Pair = readonly [number, number];

/**
 * The sizes and steps of a convolution. Element y of the result sums the products of kernel element k and image element
 * `y * stride + k * dilation - before`. Elements outside the image are 0.
 */
export interface Form {
  readonly groups: number;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Padding at the top and on the left. The padding on the other sides follows from the sizes. */
  readonly before: Pair;
  readonly image: Pair;
  readonly kernel: Pair;
  readonly result: Pair;
}

export function pair(make: (d: 0 | 1) => number): Pair {
  return [make(0), make(1)];
}

/** Draws a small form for generated tests. The image may have margins that no window reads. */
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
