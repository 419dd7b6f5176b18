import type { Shape } from "../errors";
import type { Layout } from "./layout";
import { sizeOf } from "./shape";

/** The shape with its last `first + second` dimensions merged into two. */
export function groupedShape(shape: Shape, first: number, second: number): Shape {
  const [from, middle] = [shape.length - first - second, shape.length - second];
  return [...shape.slice(0, from), sizeOf(shape.slice(from, middle)), sizeOf(shape.slice(middle))];
}

/** The layout with its last `first + second` dimensions merged into two, or null where its strides forbid that. */
export function grouped(layout: Layout, first: number, second: number): Layout | null {
  return layout.reshape(groupedShape(layout.shape, first, second));
}
