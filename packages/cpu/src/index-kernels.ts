import type { View } from "@thalweg/kernels";
import { collapse, forEachOuter, IndexError, Layout } from "@thalweg/kernels";
import { arrayOf } from "./storage";

/** Checks every index before anything is written. */
function checkIndices(op: string, index: View, extent: number): void {
  if (index.layout.size === 0) return;
  const data = arrayOf(index);
  // An index that is expanded, to pick whole rows, is checked once.
  const { shape, strides } = index.layout;
  const distinct = shape.map((n, d) => (strides[d] === 0 ? 1 : n));
  const loops = collapse(distinct, [index.layout]);
  const inner = loops.extents.at(-1) ?? 1;
  const stride = loops.strides[0]!.at(-1) ?? 0;
  forEachOuter(loops, 1, ([start]) => {
    for (let i = 0, p = start!; i < inner; i++, p += stride) {
      const value = data[p]!;
      if (!Number.isInteger(value) || value < 0 || value >= extent) {
        throw new IndexError(
          op,
          `index ${value} is not one of the ${extent} positions of the dimension`,
          extent === 0 ? "it has none" : `indices are whole numbers from 0 to ${extent - 1}`,
        );
      }
    }
  });
}

/** The layout of `view` in the shape of `index`, with stride 0 along `dim`. */
function withoutDim(view: View, dim: number, index: View): Layout {
  const { strides, offset } = view.layout;
  const moves = strides.map((stride, d) => (d === dim ? 0 : stride));
  return new Layout(index.layout.shape, moves, offset);
}

/** Faster kernels of a tier, for indices that are known to be valid. They return false where they cannot run. */
export interface IndexTier {
  gather(out: View, input: View, dim: number, index: View): boolean;
  scatterAdd(out: View, dim: number, index: View, src: View): boolean;
}

export function gather(
  op: string,
  out: View,
  input: View,
  dim: number,
  index: View,
  tier?: IndexTier | null,
): void {
  const extent = input.layout.shape[dim] ?? 1;
  checkIndices(op, index, extent);
  if (index.layout.size === 0 || tier?.gather(out, input, dim, index)) return;
  const [to, from, where] = [arrayOf(out), arrayOf(input), arrayOf(index)];
  const step = input.layout.strides[dim] ?? 0;
  const loops = collapse(index.layout.shape, [out.layout, index.layout, withoutDim(input, dim, index)]);
  const inner = loops.extents.at(-1) ?? 1;
  const [so, si, sx] = loops.strides.map((s) => s.at(-1) ?? 0) as [number, number, number];
  if (si === 0 && so === 1 && sx === 1) {
    forEachOuter(loops, 1, ([o, p, x]) => {
      const start = x! + where[p!]! * step;
      for (let i = 0; i < inner; i++) to[o! + i] = from[start + i]!;
    });
    return;
  }
  forEachOuter(loops, 1, ([o, p, x]) => {
    for (let i = 0; i < inner; i++) to[o! + i * so] = from[x! + i * sx + where[p! + i * si]! * step]!;
  });
}

export function scatterAdd(
  op: string,
  out: View,
  dim: number,
  index: View,
  src: View,
  tier?: IndexTier | null,
): void {
  const extent = out.layout.shape[dim] ?? 1;
  checkIndices(op, index, extent);
  if (index.layout.size === 0 || tier?.scatterAdd(out, dim, index, src)) return;
  const [to, from, where] = [arrayOf(out), arrayOf(src), arrayOf(index)];
  const step = out.layout.strides[dim] ?? 0;
  const source = new Layout(index.layout.shape, src.layout.strides, src.layout.offset);
  const loops = collapse(index.layout.shape, [withoutDim(out, dim, index), index.layout, source]);
  const inner = loops.extents.at(-1) ?? 1;
  const [so, si, sx] = loops.strides.map((s) => s.at(-1) ?? 0) as [number, number, number];
  forEachOuter(loops, 1, ([o, p, x]) => {
    for (let i = 0; i < inner; i++) to[o! + i * so + where[p! + i * si]! * step]! += from[x! + i * sx]!;
  });
}
