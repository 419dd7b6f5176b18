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

/** The kernel `argScan` of a backend, on the CPU. */
export function argScan(kind: "max" | "min", out: View, input: View, dim: number): void {
  const extent = input.layout.shape[dim] ?? 1;
  const sign = kind === "max" ? 1 : -1;
  forEachAxisView([out, input], dim, (to: AxisView, from: AxisView) => {
    let best = Number.NEGATIVE_INFINITY;
    let at = 0;
    for (let i = 0; i < extent; i++) {
      const value = from.data[from.start + i * from.stride]! * sign;
      if (value >= best || Number.isNaN(value)) {
        best = value;
        at = i;
      }
      to.data[to.start + i * to.stride] = at;
    }
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
  const keys = new Float64Array(extent);
  const order = new Uint32Array(extent);
  const left = new Uint32Array(extent);
  /** Whether `i` comes before `j`, or they are equal. */
  const isFirst = (i: number, j: number): boolean =>
    keys[i]! <= keys[j]! || Number.isNaN(keys[descending ? i : j]);
  const mergeSort = (start: number, end: number): void => {
    if (end - start < 2) return;
    const middle = (start + end) >> 1;
    mergeSort(start, middle);
    mergeSort(middle, end);
    for (let i = start; i < middle; i++) left[i] = order[i]!;
    for (let at = start, i = start, j = middle; i < middle; at++) {
      order[at] = j === end || isFirst(left[i]!, order[j]!) ? left[i++]! : order[j++]!;
    }
  };
  forEachAxisView([out, input], dim, (to: AxisView, from: AxisView) => {
    for (let i = 0; i < extent; i++) {
      const key = from.data[from.start + i * from.stride]!;
      keys[i] = descending ? -key : key;
      order[i] = i;
    }
    mergeSort(0, extent);
    for (let i = 0; i < extent; i++) to.data[to.start + i * to.stride] = order[i]!;
  });
}
