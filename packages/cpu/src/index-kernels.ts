import type { View } from "@thalweg/kernels";
import { collapse, forEachOuter, IndexError, Layout } from "@thalweg/kernels";
import { arrayOf } from "./storage";

/** Checks every index before anything is written. */
export function checkIndices(op: string, index: View, extent: number): void {
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

/** Faster kernels of a tier, for indices that are known to be valid. They return false where they cannot run. */
export interface IndexTier {
  gather(out: View, input: View, dim: number, index: View): boolean;
  scatterAdd(out: View, dim: number, index: View, src: View): boolean;
}

/** The loops over indices, along which `indexed` without its dimension `dim`, the indices and `other` move. */
export function loopsOver(index: View, indexed: View, dim: number, other: View) {
  const { shape } = index.layout;
  const along = ({ layout }: View, without?: number) =>
    new Layout(
      shape,
      layout.strides.map((stride, d) => (d === without ? 0 : stride)),
      layout.offset,
    );
  const loops = collapse(shape, [along(indexed, dim), index.layout, along(other)]);
  return {
    loops,
    inner: loops.extents.at(-1) ?? 1,
    moves: loops.strides.map((strides) => strides.at(-1) ?? 0) as [number, number, number],
    /** How far an index leads. */
    step: indexed.layout.strides[dim] ?? 0,
  };
}

export function gather(
  op: string,
  out: View,
  input: View,
  dim: number,
  index: View,
  tier?: IndexTier | null,
): void {
  checkIndices(op, index, input.layout.shape[dim] ?? 1);
  if (index.layout.size === 0 || tier?.gather(out, input, dim, index)) return;
  const [to, from, where] = [arrayOf(out), arrayOf(input), arrayOf(index)];
  const { loops, inner, moves, step } = loopsOver(index, input, dim, out);
  const [sx, si, so] = moves;
  if (si === 0 && so === 1 && sx === 1) {
    forEachOuter(loops, 1, ([x, p, o]) => {
      const start = x! + where[p!]! * step;
      for (let i = 0; i < inner; i++) to[o! + i] = from[start + i]!;
    });
    return;
  }
  forEachOuter(loops, 1, ([x, p, o]) => {
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
  checkIndices(op, index, out.layout.shape[dim] ?? 1);
  if (index.layout.size === 0 || tier?.scatterAdd(out, dim, index, src)) return;
  const [to, from, where] = [arrayOf(out), arrayOf(src), arrayOf(index)];
  const { loops, inner, moves, step } = loopsOver(index, out, dim, src);
  const [so, si, sx] = moves;
  forEachOuter(loops, 1, ([o, p, x]) => {
    for (let i = 0; i < inner; i++) to[o! + i * so + where[p! + i * si]! * step]! += from[x! + i * sx]!;
  });
}
