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
  const sign = descending ? -1 : 1;
  const pairs = makePairs(extent);
  const spare = makePairs(extent);
  forEachAxisView([out, input], dim, (to: AxisView, from: AxisView) => {
    const write = (place: number, i: number) => {
      to.data[to.start + place * to.stride] = i;
    };
    let count = 0;
    const nans: number[] = [];
    for (let i = 0; i < extent; i++) {
      const key = sign * from.data[from.start + i * from.stride]!;
      if (Number.isNaN(key)) {
        nans.push(i);
      } else {
        pairs.keys[count] = key;
        pairs.indices[count++] = i;
      }
    }
    const { indices } = mergeSort(pairs, spare, count);
    const first = descending ? nans.length : 0;
    for (let i = 0; i < count; i++) write(first + i, indices[i]!);
    for (const [k, i] of nans.entries()) write(descending ? k : count + k, i);
  });
}

/** Numbers, and the indices that they have come from. */
interface Pairs {
  readonly keys: Float64Array;
  readonly indices: Uint32Array;
}

const makePairs = (count: number): Pairs => ({
  keys: new Float64Array(count),
  indices: new Uint32Array(count),
});

/** Lengths of the runs that are sorted by insertion. */
const shortRun = 8;

/** A stable sort of the first `count` pairs, ascending, bottom up. Returns `pairs` or `spare`, whichever has the result. */
function mergeSort(pairs: Pairs, spare: Pairs, count: number): Pairs {
  for (let start = 0; start < count; start += shortRun) {
    insertionSort(pairs, start, Math.min(start + shortRun, count));
  }
  let [from, to] = [pairs, spare];
  for (let run = shortRun; run < count; run *= 2) {
    for (let start = 0; start < count; start += 2 * run) {
      merge(from, to, start, Math.min(start + run, count), Math.min(start + 2 * run, count));
    }
    [from, to] = [to, from];
  }
  return from;
}

function insertionSort({ keys, indices }: Pairs, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    const key = keys[i]!;
    const index = indices[i]!;
    let at = i;
    for (; at > start && keys[at - 1]! > key; at--) {
      keys[at] = keys[at - 1]!;
      indices[at] = indices[at - 1]!;
    }
    keys[at] = key;
    indices[at] = index;
  }
}

/** Merges the runs from `start` to `middle` and from there to `end`. */
function merge(from: Pairs, to: Pairs, start: number, middle: number, end: number): void {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const next = right === end || (left < middle && from.keys[left]! <= from.keys[right]!) ? left++ : right++;
    to.keys[at] = from.keys[next]!;
    to.indices[at] = from.indices[next]!;
  }
}
