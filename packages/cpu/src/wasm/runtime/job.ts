import type { Code, Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import type { Table } from "../assembler/loops";
import { argumentsAddress, argumentWords } from "./addresses";
import type { Runtime } from "./runtime";

/** Writes the arguments of a job, in the order in which the kernel's {@link frame} reads them. */
export class Job {
  private readonly words: Int32Array;
  private readonly floats: Float32Array;
  private at = argumentsAddress >> 2;

  constructor({ words, floats }: Runtime) {
    this.words = words;
    this.floats = floats;
  }

  integer(value: number): void {
    this.words[this.at++] = value;
  }

  float(value: number): void {
    this.floats[this.at++] = value;
  }

  /**
   * A table of loops, outermost first, for `walk`: `steps[d][k]` is how far one iteration of loop d moves
   * position k.
   *
   * @returns the number of iterations, or -1 if there is no room for so many loops
   */
  table(bases: readonly number[], extents: readonly number[], steps: readonly (readonly number[])[]): number {
    const loops = Math.max(1, extents.length);
    const words = bases.length + 1 + loops * (1 + bases.length);
    if (this.at + words > (argumentsAddress >> 2) + argumentWords) return -1;
    for (const base of bases) this.integer(base);
    this.integer(4 * (this.at + 1 + loops * (1 + bases.length)) - argumentsAddress);
    let iterations = 1;
    for (let d = loops - 1; d >= 0; d--) {
      const extent = extents[d] ?? 1;
      iterations *= extent;
      this.integer(extent);
      for (let k = 0; k < bases.length; k++) this.integer(steps[d]?.[k] ?? 0);
    }
    return iterations;
  }
}

/** Readers of a job's arguments, each into a variable, in order. */
export function frame(code: Code, args: Local) {
  let at = 0;
  let moved: Local | undefined;
  const integer = (): Local => {
    const local = code.local(type.i32);
    code
      .get(moved ?? args)
      .at("i32Load", 4 * at++)
      .set(local);
    return local;
  };
  return {
    integer,
    /** A float in all lanes. */
    splat(): Local {
      const local = code.local(type.v128);
      code
        .get(args)
        .at("v128Load32Splat", 4 * at++)
        .set(local);
      return local;
    },
    /** A table of loops with as many positions; what comes after it is read from its end on. */
    table(positions: number): Table {
      const bases = Array.from({ length: positions }, integer);
      const end = integer();
      const start = code.local(type.i32);
      code
        .get(moved ?? args)
        .i32(4 * at)
        .op("i32Add")
        .set(start);
      code.get(end).get(args).op("i32Add").set(end);
      moved = end;
      at = 0;
      return { start, end, bases };
    },
  };
}
