import type { ElementArray, View } from "@thalweg/kernels";
import { collapse, elementTypes, forEachOuter, isFloating } from "@thalweg/kernels";
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

/** Sorts by digits of the elements' bits, where signs are turned so that whole numbers have the order of the elements. */
export function argsort(out: View, input: View, dim: number, descending: boolean): void {
  const extent = input.layout.shape[dim] ?? 1;
  const { dtype } = input.storage;
  const { array, bytes } = elementTypes[dtype];
  const elements = array(extent);
  const words = new Uint32Array(elements.buffer as ArrayBuffer);
  const width = bytes / 4;
  // A digit, and below it the place that its element has so far, fit into the 53 bits of a number.
  const bits = extent > 2 ** 21 ? 16 : 32;
  const places = 2 ** (53 - bits);
  const numbers = new Float64Array(extent);
  let [order, next] = [new Uint32Array(extent), new Uint32Array(extent)];
  forEachAxisView([out, input], dim, (to: AxisView, from: AxisView) => {
    for (let i = 0; i < extent; i++) {
      // Both zeros are one.
      const element = from.data[from.start + i * from.stride]! + 0;
      elements[i] = element;
      order[i] = i;
      for (let at = i * width, last = at + width - 1; at <= last; at++) {
        const turned = isFloating(dtype) && element < 0 ? ~0 : at === last ? 1 << 31 : 0;
        words[at] = element === element ? words[at]! ^ turned : ~0;
      }
    }
    for (let digit = 0; digit < 8 * bytes; digit += bits) {
      for (let i = 0; i < extent; i++) {
        const word = words[order[i]! * width + (digit >> 5)]!;
        const rest = (descending ? ~word : word) >>> digit;
        numbers[i] = (bits === 16 ? rest & 0xffff : rest) * places + i;
      }
      numbers.sort();
      for (let i = 0; i < extent; i++) {
        const number = numbers[i]!;
        next[i] = order[number - Math.floor(number / places) * places]!;
      }
      [order, next] = [next, order];
    }
    for (let i = 0; i < extent; i++) to.data[to.start + i * to.stride] = order[i]!;
  });
}
