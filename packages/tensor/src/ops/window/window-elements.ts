import type { Backend, Layout, Shape, View } from "@thalweg/kernels";
import { runMap } from "@thalweg/kernels";
import { copyProgram } from "../map/clone";
import type { Draw } from "../sample";

/** `count` windows along one dimension, all inside the tensor, each of `size` elements at a distance of `dilation`. */
export interface Span {
  readonly dim: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly count: number;
  /** Number of padding elements before the first element; 0 unless given. */
  readonly padding?: number;
}

/** Windows of one call. */
export interface WindowAttrs {
  readonly spans: readonly Span[];
  /** Shape of the padded input. */
  readonly from: Shape;
}

/** Largest number of elements of a window that one map can take. */
export const mostElements = 9;

// Windows of n elements are n views, one for each element, so that maps over these views compute everything.

/** Returns one view for each element of a window, in row-major order. Each shows that element of all windows. */
export function elementsOf({ storage, layout }: View, { spans }: WindowAttrs): View[] {
  let layouts: Layout[] = [layout];
  for (const { dim, size, stride, dilation, count } of spans) {
    layouts = layouts.flatMap((one) =>
      Array.from({ length: size }, (_, k) => one.slice(dim, k * dilation, count, stride)),
    );
  }
  return layouts.map((one) => ({ storage, layout: one }));
}

/** The shape with one element for each window. */
export function windowShape(shape: Shape, { spans }: WindowAttrs): Shape {
  return spans.reduce((result, { dim, count }) => result.with(dim, count), shape);
}

/** Computes values for the elements of windows. */
interface Filling {
  /** Writes the values of all elements at once. */
  all(to: readonly View[]): void;
  /** Adds the value of element k. */
  add(to: View, k: number): void;
}

/** Fills the padded input: each element is the sum of its values in all windows that contain it. */
export function fillElements(backend: Backend, out: View, attrs: WindowAttrs, { all, add }: Filling): void {
  const { spans, from } = attrs;
  const isCovered = spans.every(
    ({ dim, size, stride, dilation, count }) =>
      size * count === from[dim] && stride === size && dilation === 1,
  );
  if (!isCovered) runMap(backend, copyProgram, [out], [0]);
  const to = elementsOf(out, attrs);
  if (to[0]!.layout.size === 0) return;
  const overlaps = spans.some(
    ({ size, stride, dilation, count }) => count > 1 && (size - 1) * dilation >= stride,
  );
  if (!overlaps) all(to);
  else to.forEach(add);
}

/** Draws small windows for generated tests. */
export function drawWindows(draw: Draw): WindowAttrs {
  const spans = [1, 2].slice(draw.int(0, 1)).map((dim) => {
    const [size, stride, dilation] = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 2)];
    return { dim, size, stride, dilation, count: draw.int(1, 3) };
  });
  const from = spans.reduce<Shape>(
    (shape, { dim, size, stride, dilation, count }) =>
      shape.with(dim, (count - 1) * stride + (size - 1) * dilation + 1 + draw.int(0, 1)),
    [draw.int(1, 2), 1, 1],
  );
  return { spans, from };
}
