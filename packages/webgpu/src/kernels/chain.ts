import type { MapProgram } from "@thalweg/kernels";
import type { Memory } from "../device/block";
import type { Place } from "../device/place";

/** What a map reads. */
export type Source = Place | number;

/** Longer chains would hardly save more, and their kernels take longer to compile. */
const most = { stages: 8, outputs: 8, inputs: 24, operands: 8 };

/** From here on the sources of a stage are outputs of the stages before. */
const firstOutput = 32;

/** One of the maps that a kernel does, one after another, for each element. */
export interface Stage {
  readonly program: MapProgram;
  /** Where each input comes from: an input of the kernel, or an output, as the stages before left it. */
  readonly sources: readonly number[];
  /** The output of the kernel that each output is; later stages write over what earlier ones did. */
  readonly targets: readonly number[];
}

/** The output of the kernel that a source is; negative if it is an input. */
export function outputOf(source: number): number {
  return source - firstOutput;
}

/** Maps that go one after another. There is one object for each such chain. */
export class Chain {
  readonly name: string;
  readonly stages: readonly Stage[];
  /** Kernels, by the way in which operands lie. */
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

/** Whether all operands have an element for each, one after another, or one for all. */
export function isPlain(outputs: readonly Place[], inputs: readonly Source[]): boolean {
  if (outputs.length + inputs.length > most.operands) return false;
  for (let k = 0; k < outputs.length; k++) if (!outputs[k]!.layout.isContiguous) return false;
  for (let k = 0; k < inputs.length; k++) {
    const input = inputs[k]!;
    if (typeof input !== "number" && !input.layout.isContiguous && !input.layout.isConstant) return false;
  }
  return true;
}

/** Of plain operands for so many elements: whether element i of one is element i of the other. */
function isSame(a: Place, b: Place, n: number): boolean {
  if (a.block !== b.block || a.isInt !== b.isInt || a.layout.offset !== b.layout.offset) return false;
  return n === 1 || a.layout.isContiguous === b.layout.isContiguous;
}

/**
 * A map that waits for others to be done with it, so that what it computes need not be read again. Another one
 * fits if it has as many elements and if each of its threads needs nothing of what another thread computes.
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

  /** Adds a map with plain operands, if it fits and if the kernel would not have too many buffers. */
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
    // Whoever wrote last has the block.
    for (let k = 0; k < outputs.length; k++) this.outputs[targets[k]!] = outputs[k]!;
    return true;
  }

  /** Negative if other threads write what is to be read. */
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

  /** Negative if other threads read or write what is to be written. */
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

/** The memories of these, too. */
function distinct(known: readonly Memory[], outputs: readonly Place[], inputs: readonly Source[]): Memory[] {
  const memories = [...known];
  for (const place of [...outputs, ...inputs]) {
    if (typeof place !== "number" && !memories.includes(place.block.memory))
      memories.push(place.block.memory);
  }
  return memories;
}
