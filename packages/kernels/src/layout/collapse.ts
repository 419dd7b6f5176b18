import type { Shape } from "../errors";
import type { Layout } from "./layout";

/** The loops that a kernel runs: extents, outermost first, and for each operand its strides and start. */
export interface Loops {
  readonly extents: readonly number[];
  /** `strides[k]` belongs to operand k and has one entry for each extent. */
  readonly strides: readonly (readonly number[])[];
  readonly offsets: readonly number[];
}

/**
 * Merges dimensions of layouts of one shape where the strides of all operands allow it, and drops those of
 * extent 1, so that kernels run as few loops as possible. The order of elements does not change.
 */
export function collapse(shape: Shape, layouts: readonly Layout[]): Loops {
  const extents: number[] = [];
  const strides: number[][] = layouts.map(() => []);
  for (let d = 0; d < shape.length; d++) {
    const extent = shape[d]!;
    if (extent === 1) continue;
    const last = extents.length - 1;
    let merges = last >= 0;
    for (let k = 0; merges && k < layouts.length; k++) {
      merges = strides[k]![last] === layouts[k]!.strides[d]! * extent;
    }
    if (merges) {
      extents[last]! *= extent;
      for (let k = 0; k < layouts.length; k++) strides[k]![last] = layouts[k]!.strides[d]!;
    } else {
      extents.push(extent);
      for (let k = 0; k < layouts.length; k++) strides[k]!.push(layouts[k]!.strides[d]!);
    }
  }
  return { extents, strides, offsets: layouts.map((layout) => layout.offset) };
}

/**
 * Calls `visit` with the operands' positions for every index of all loops but the innermost `inner` ones.
 * The array of positions is reused between calls.
 */
export function forEachOuter(loops: Loops, inner: number, visit: (positions: number[]) => void): void {
  const rank = Math.max(loops.extents.length - inner, 0);
  const positions = [...loops.offsets];
  for (let d = 0; d < rank; d++) if (loops.extents[d] === 0) return;
  const index = new Array<number>(rank).fill(0);
  for (;;) {
    visit(positions);
    let d = rank - 1;
    for (; d >= 0; d--) {
      const extent = loops.extents[d]!;
      if (++index[d]! < extent) {
        for (let k = 0; k < positions.length; k++) positions[k]! += loops.strides[k]![d]!;
        break;
      }
      index[d] = 0;
      for (let k = 0; k < positions.length; k++) positions[k]! -= loops.strides[k]![d]! * (extent - 1);
    }
    if (d < 0) return;
  }
}
