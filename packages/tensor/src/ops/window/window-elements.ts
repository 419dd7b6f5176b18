import type { Backend, Layout, Shape, View } from "@thalweg/kernels";
import { runMap } from "@thalweg/kernels";
import { copyProgram } from "../map/clone";
import type { Draw } from "../sample";

/** Windows along one dimension, all of them inside: `size` elements `dilation` apart, at `count` places. */
export interface Span {
  readonly dim: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly count: number;
  /** How much of what they look into is before the first element; 0 unless given. */
  readonly padding?: number;
}

/** Windows of one call. */
export interface WindowAttrs {
  readonly spans: readonly Span[];
  /** Shape of what the windows look into. */
  readonly from: Shape;
}

/** Elements of a window that one map can take. */
export const mostElements = 9;

// A window of n elements is n views, one for each of its elements; so all is done by maps of them.

/** For each element of a window, in row-major order, that of all windows. */
export function elementsOf({ storage, layout }: View, { spans }: WindowAttrs): View[] {
  let layouts: Layout[] = [layout];
  for (const { dim, size, stride, dilation, count } of spans) {
    layouts = layouts.flatMap((one) =>
      Array.from({ length: size }, (_, k) => one.slice(dim, k * dilation, count, stride)),
    );
  }
  return layouts.map((one) => ({ storage, layout: one }));
}

/** The shape of something for each window. */
export function windowShape(shape: Shape, { spans }: WindowAttrs): Shape {
  return spans.reduce((result, { dim, count }) => result.with(dim, count), shape);
}

/** How to compute something for elements of windows. */
interface Filling {
  /** For all of them at once. */
  all(to: readonly View[]): void;
  /** Adds that of element k to what is there. */
  add(to: View, k: number): void;
}

/** Fills what windows look into: with the sum of what its elements are in all windows that they are in. */
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

/** Small ones, for generated tests. */
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
