import type { ElementArray, View } from "@thalweg/kernels";
import { collapse, forEachOuter } from "@thalweg/kernels";
import { arrayOf } from "./storage";

/** The elements of a tensor along one axis: `data[start + i * stride]`. */
interface AxisView {
  readonly data: ElementArray;
  start: number;
  readonly stride: number;
}

/** Calls `visit` with what the views have along `dim`, for each place of the other dimensions. All have one shape, but for `dim` itself. */
function forEachAxisView(views: readonly View[], dim: number, visit: (...along: AxisView[]) => void): void {
  if (views.some((view) => view.layout.size === 0)) return;
  const along = views.map((view) => ({
    data: arrayOf(view),
    start: 0,
    stride: view.layout.strides[dim] ?? 0,
  }));
  const layouts = views.map(({ layout }) => (layout.ndim === 0 ? layout : layout.select(dim, 0)));
  forEachOuter(collapse(layouts[0]!.shape, layouts), 0, (starts) => {
    starts.forEach((start, k) => {
      along[k]!.start = start;
    });
    visit(...along);
  });
}

export function argReduce(kind: "max" | "min", out: View, input: View, dim: number): void {
  const extent = input.layout.shape[dim] ?? 1;
  const sign = kind === "max" ? 1 : -1;
  forEachAxisView([out, input], dim, (to: AxisView, from: AxisView) => {
    let best = from.data[from.start]! * sign;
    let at = 0;
    for (let i = 1; i < extent && !Number.isNaN(best); i++) {
      const value = from.data[from.start + i * from.stride]! * sign;
      if (value > best || Number.isNaN(value)) {
        best = value;
        at = i;
      }
    }
    to.data[to.start] = at;
  });
}

export function scan(out: View, a: View, b: View, dim: number): void {
  const extent = out.layout.shape[dim] ?? 1;
  const isInt = out.storage.dtype === "int32";
  forEachAxisView([out, a, b], dim, (to: AxisView, factor: AxisView, term: AxisView) => {
    let value = 0;
    for (let i = 0; i < extent; i++) {
      const added = term.data[term.start + i * term.stride]!;
      const by = factor.data[factor.start + i * factor.stride]!;
      value = i === 0 ? added : isInt ? (Math.imul(by, value) + added) | 0 : by * value + added;
      to.data[to.start + i * to.stride] = value;
    }
  });
}

export function argsort(out: View, input: View, dim: number, descending: boolean): void {
  const extent = input.layout.shape[dim] ?? 1;
  const order = new Uint32Array(extent);
  forEachAxisView([out, input], dim, (to: AxisView, from: AxisView) => {
    const at = (i: number) => from.data[from.start + i * from.stride]!;
    for (let i = 0; i < extent; i++) order[i] = i;
    const ascending = (i: number, j: number) => compare(at(i), at(j)) || i - j;
    order.sort(descending ? (i, j) => compare(at(j), at(i)) || i - j : ascending);
    for (let i = 0; i < extent; i++) to.data[to.start + i * to.stride] = order[i]!;
  });
}

/** The total order of floats, with NaN last. */
function compare(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
