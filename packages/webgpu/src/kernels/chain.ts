import type { MapProgram } from "@thalweg/kernels";
import type { Memory } from "../device/block";
import type { Place } from "../device/place";

/** An input of a map. */
export type Source = Place | number;

/** Limits of a chain, and of the operands of one map. Longer chains hardly save more, and their kernels compile slowly. */
const most = { stages: 8, outputs: 8, inputs: 24, operands: 8 };

/** Sources from this number on are outputs of earlier stages. */
const firstOutput = 32;

/** One of the maps that a kernel computes for each element, in order. */
export interface Stage {
  readonly program: MapProgram;
  /** Source of each input: an input of the kernel, or an output as earlier stages left it. */
  readonly sources: readonly number[];
  /** The kernel's output for each output of the map. Later stages overwrite those of earlier ones. */
  readonly targets: readonly number[];
}

/** The kernel's output that a source refers to; negative if the source is an input. */
export function outputOf(source: number): number {
  return source - firstOutput;
}

/** Maps that run in one launch. Equal chains are the same object. */
export class Chain {
  readonly name: string;
  readonly stages: readonly Stage[];
  /** Kernels, keyed by the layouts of the operands. */
  readonly variants = new Map<number | string, unknown>();
  private readonly longer = new WeakMap<MapProgram, Map<number, Chain>>();

  constructor(stages: readonly Stage[]) {
    this.name = stages.map(({ program }) => program.name).join(", ");
    this.stages = stages;
  }

  static of(program: MapProgram): Chain {
    const sources = Array.from({ length: program.inputs }, (_, k) => k);
    return new Chain([{ program, sources, targets: program.outputs.map((_, k) => k) }]);
  }

  followedBy(program: MapProgram, sources: readonly number[], targets: readonly number[]): Chain {
    let known = this.longer.get(program);
    if (known === undefined) this.longer.set(program, (known = new Map()));
    let key = 0;
    for (let k = 0; k < sources.length; k++) key = 64 * key + sources[k]!;
    for (let k = 0; k < targets.length; k++) key = 64 * key + targets[k]!;
    let chain = known.get(key);
    if (chain === undefined)
      known.set(key, (chain = new Chain([...this.stages, { program, sources, targets }])));
    return chain;
  }
}

/** Whether there are few operands, and each is contiguous or, as an input, a single element for all. */
export function isPlain(outputs: readonly Place[], inputs: readonly Source[]): boolean {
  if (outputs.length + inputs.length > most.operands) return false;
  for (let k = 0; k < outputs.length; k++) if (!outputs[k]!.layout.isContiguous) return false;
  for (let k = 0; k < inputs.length; k++) {
    const input = inputs[k]!;
    if (typeof input !== "number" && !input.layout.isContiguous && !input.layout.isConstant) return false;
  }
  return true;
}

/** Whether two plain operands of `n` elements have the same memory at every position. */
function isSame(a: Place, b: Place, n: number): boolean {
  if (a.block !== b.block || a.isInt !== b.isInt || a.layout.offset !== b.layout.offset) return false;
  return n === 1 || a.layout.isContiguous === b.layout.isContiguous;
}

/**
 * A chain of maps that waits for further maps, so that intermediate results need not be read again. Another map fits
 * if it has as many elements, and if no thread needs an element that another thread computes.
 */
export class Pending {
  private memories: Memory[];

  constructor(
    public chain: Chain,
    readonly outputs: Place[],
    readonly inputs: Source[],
  ) {
    this.memories = distinct([], outputs, inputs);
  }

  /** Appends a map with plain operands. Returns false if it does not fit, or if the kernel would bind too many buffers. */
  extend(
    program: MapProgram,
    outputs: readonly Place[],
    inputs: readonly Source[],
    mostBuffers: number,
  ): boolean {
    const n = this.outputs[0]!.layout.size;
    if (outputs[0]!.layout.size !== n || this.chain.stages.length === most.stages) return false;
    const added: Source[] = [];
    const sources: number[] = [];
    for (let k = 0; k < inputs.length; k++) {
      const source = this.sourceOf(inputs[k]!, n, added);
      if (source < 0) return false;
      sources.push(source);
    }
    const fresh: Place[] = [];
    const targets: number[] = [];
    for (let k = 0; k < outputs.length; k++) {
      const target = this.targetOf(outputs[k]!, n, fresh);
      if (target < 0) return false;
      targets.push(target);
    }
    if (this.inputs.length + added.length > most.inputs) return false;
    if (this.outputs.length + fresh.length > most.outputs) return false;
    const memories = distinct(this.memories, fresh, added);
    if (memories.length > mostBuffers) return false;
    this.memories = memories;
    this.chain = this.chain.followedBy(program, sources, targets);
    this.inputs.push(...added);
    // The tensor that was written last owns the block.
    for (let k = 0; k < outputs.length; k++) this.outputs[targets[k]!] = outputs[k]!;
    return true;
  }

  /** The source number of an input; negative if other threads write its elements. */
  private sourceOf(input: Source, n: number, added: Source[]): number {
    if (typeof input !== "number") {
      for (let k = 0; k < this.outputs.length; k++) {
        const output = this.outputs[k]!;
        if (output.block === input.block) return isSame(output, input, n) ? firstOutput + k : -1;
      }
      for (let k = 0; k < this.inputs.length; k++) {
        const known = this.inputs[k]!;
        if (typeof known !== "number" && isSame(known, input, n)) return k;
      }
    }
    return this.inputs.length + added.push(input) - 1;
  }

  /** The kernel's output for a result; negative if other threads read or write its elements. */
  private targetOf(output: Place, n: number, fresh: Place[]): number {
    for (let k = 0; k < this.outputs.length; k++) {
      const known = this.outputs[k]!;
      if (known.block === output.block) return isSame(known, output, n) ? k : -1;
    }
    for (let k = 0; k < this.inputs.length; k++) {
      const known = this.inputs[k]!;
      if (typeof known !== "number" && known.block === output.block && !isSame(known, output, n)) return -1;
    }
    return this.outputs.length + fresh.push(output) - 1;
  }
}

/** Returns the known buffers and those of the operands, each once. */
function distinct(known: readonly Memory[], outputs: readonly Place[], inputs: readonly Source[]): Memory[] {
  const memories = [...known];
  for (const place of [...outputs, ...inputs]) {
    if (typeof place !== "number" && !memories.includes(place.block.memory))
      memories.push(place.block.memory);
  }
  return memories;
}
