import type { Loops } from "@thalweg/kernels";
import type { Recorder } from "../device/recorder";

/**
 * The loops of a kernel, with extents and strides as arguments. They map the number of an element, in row-major order,
 * to the positions in the operands.
 */
export class Walk {
  /** Arguments of the kernel, in the order in which {@link write} writes them. */
  readonly fields: readonly string[];
  private readonly prefix: string;
  readonly rank: number;
  private readonly operands: number;
  private readonly hasOffsets: boolean;

  /** @param hasOffsets whether positions include the operands' offsets; true unless given. */
  constructor(prefix: string, rank: number, operands: number, hasOffsets = true) {
    this.prefix = prefix;
    this.rank = rank;
    this.operands = operands;
    this.hasOffsets = hasOffsets;
    const fields: string[] = [];
    for (let d = 1; d < rank; d++) fields.push(`${prefix}e${d}: u32`);
    for (let k = 0; k < operands; k++) {
      if (hasOffsets) fields.push(`${prefix}o${k}: i32`);
      for (let d = 0; d < rank; d++) fields.push(`${prefix}s${k}_${d}: i32`);
    }
    this.fields = fields;
  }

  /** Statements that declare the positions `<prefix>p0`, `<prefix>p1`, ... of an element; `index` is an expression. */
  code(index: string): string {
    const { prefix, rank, operands, hasOffsets } = this;
    const lines: string[] = [];
    let rest = index;
    for (let d = rank - 1; d > 0; d--) {
      lines.push(`let ${prefix}i${d} = i32(${rest} % args.${prefix}e${d});`);
      lines.push(`let ${prefix}r${d} = ${rest} / args.${prefix}e${d};`);
      rest = `${prefix}r${d}`;
    }
    if (rank > 0) lines.push(`let ${prefix}i0 = i32(${rest});`);
    for (let k = 0; k < operands; k++) {
      const terms = hasOffsets ? [`args.${prefix}o${k}`] : [];
      for (let d = 0; d < rank; d++) terms.push(`${prefix}i${d} * args.${prefix}s${k}_${d}`);
      lines.push(`let ${prefix}p${k} = ${terms.join(" + ") || "0"};`);
    }
    return lines.join("\n");
  }

  /** @param starts offsets of the operands' blocks in their buffers */
  write(recorder: Recorder, { extents, strides, offsets }: Loops, starts: readonly number[]): void {
    for (let d = 1; d < extents.length; d++) recorder.u32(extents[d]!);
    for (let k = 0; k < this.operands; k++) {
      if (this.hasOffsets) recorder.i32(offsets[k]! + starts[k]!);
      const along = strides[k]!;
      for (let d = 0; d < along.length; d++) recorder.i32(along[d]!);
    }
  }
}

const walks = new Map<string, Walk[][]>();

/** Returns the walk with that prefix, made once. All walks of a prefix have offsets, or none has. */
export function walkOf(prefix: string, rank: number, operands: number, hasOffsets = true): Walk {
  let known = walks.get(prefix);
  if (known === undefined) walks.set(prefix, (known = []));
  known[rank] ??= [];
  known[rank][operands] ??= new Walk(prefix, rank, operands, hasOffsets);
  return known[rank][operands];
}
