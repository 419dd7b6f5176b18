import { grouped, groupedShape, Layout, sizeOf } from "@thalweg/kernels";
import { NoRoom } from "../runtime/limits";
import type { MemoryView } from "../runtime/runtime";

/** The largest number of offsets. More would not fit into the memory of kernels. */
const maxOffsets = 2 ** 28;

/** The offsets of the elements of each of two groups of dimensions, in bytes. */
interface GroupOffsets {
  readonly first: Int32Array;
  readonly second: Int32Array;
}

/**
 * The place with its last `first + second` dimensions merged into two. Where strides do not allow that, the strides of
 * these two are NaN, and offsets replace them.
 */
export function groupsOf(
  { address, layout }: MemoryView,
  first: number,
  second: number,
): { readonly place: MemoryView; readonly offsets?: GroupOffsets } {
  const merged = grouped(layout, first, second);
  if (merged !== null) return { place: { address, layout: merged } };
  const { shape, strides, offset } = layout;
  const [from, middle] = [shape.length - first - second, shape.length - second];
  const uneven = [...strides.slice(0, from), Number.NaN, Number.NaN];
  const offsets = {
    first: offsetsOf(shape.slice(from, middle), strides.slice(from, middle)),
    second: offsetsOf(shape.slice(middle), strides.slice(middle)),
  };
  return {
    place: { address, layout: new Layout(groupedShape(shape, first, second), uneven, offset) },
    offsets,
  };
}

/** The distances in bytes of all elements of some dimensions from the first one, in row-major order. */
function offsetsOf(shape: readonly number[], strides: readonly number[]): Int32Array {
  const size = sizeOf(shape);
  if (size > maxOffsets) throw new NoRoom();
  const offsets = new Int32Array(size);
  let count = 1;
  // From the innermost dimension on, each dimension repeats the offsets so far.
  for (let d = shape.length - 1; d >= 0; d--) {
    for (let i = 1; i < shape[d]!; i++) {
      const by = 4 * i * strides[d]!;
      for (let k = 0; k < count; k++) offsets[i * count + k] = offsets[k]! + by;
    }
    count *= shape[d]!;
  }
  return offsets;
}
