import type { Form } from "./form";

/**
 * The elements of an image that the same kernel elements reach: every `stride`-th one along a dimension. Image element
 * `image + i * stride` is the sum over j of kernel element `kernel + j * every` times result element
 * `start + i - j * spacing`.
 */
export interface Phase {
  readonly image: number;
  readonly count: number;
  readonly kernel: number;
  readonly terms: number;
  readonly every: number;
  readonly start: number;
  readonly spacing: number;
}

/** All phases along a dimension, and the range of result elements that they read. It may exceed the result. */
export interface Phases {
  readonly phases: readonly Phase[];
  /** Whether the phases cover every element of the image. */
  readonly isComplete: boolean;
  readonly from: number;
  readonly size: number;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function along(form: Form, d: 0 | 1): Phases {
  const [stride, dilation, before] = [form.stride[d], form.dilation[d], form.before[d]];
  const [image, kernel] = [form.image[d], form.kernel[d]];
  const common = gcd(stride, dilation);
  const [every, spacing] = [stride / common, dilation / common];
  const phases: Phase[] = [];
  let covered = 0;
  for (let first = 0; first < Math.min(stride, image); first++) {
    // The first kernel element k for which first + before - k·dilation is a multiple of the stride.
    let k = 0;
    while (k < every && (first + before - k * dilation) % stride !== 0) k++;
    if (k >= Math.min(every, kernel)) continue;
    const count = Math.ceil((image - first) / stride);
    phases.push({
      image: first,
      count,
      kernel: k,
      terms: Math.ceil((kernel - k) / every),
      every,
      start: (first + before - k * dilation) / stride,
      spacing,
    });
    covered += count;
  }
  const from = Math.min(...phases.map(({ start, terms }) => start - (terms - 1) * spacing));
  const to = Math.max(...phases.map(({ start, count }) => start + count));
  return { phases, isComplete: covered === image, from, size: to - from };
}

/** The phases along the height and along the width. */
export function phases(form: Form): readonly [Phases, Phases] {
  return [along(form, 0), along(form, 1)];
}
