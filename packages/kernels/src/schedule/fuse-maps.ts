import { isView, type Operand, type View } from "../backend/backend";
import type { QueuedStorage } from "../backend/storage";
import { Layout } from "../layout/layout";
import type { MapProgram } from "../scalar/programs/map-program";
import { Chain, sourceOfOutput } from "./chain";

/** Limits of a chain, and of the operands of one map. Longer chains hardly save more, and their kernels compile slowly. */
const most = { stages: 8, outputs: 8, inputs: 24, operands: 8 };

/** The storage of an operand of a call in a queue. */
export function queued({ storage }: View): QueuedStorage {
  return storage as QueuedStorage;
}

/** Whether there are few operands, and each is contiguous or, as an input, a single element for all. */
export function isPlain(outputs: readonly View[], inputs: readonly Operand[]): boolean {
  if (outputs.length + inputs.length > most.operands) return false;
  for (let k = 0; k < outputs.length; k++) if (!outputs[k]!.layout.isContiguous) return false;
  for (let k = 0; k < inputs.length; k++) {
    const input = inputs[k]!;
    if (isView(input) && !input.layout.isContiguous && !input.layout.isConstant) return false;
  }
  return true;
}

/** Whether two plain operands of `n` elements have the same memory at every position. */
export function isSame(a: View, b: View, n: number): boolean {
  if (a.storage !== b.storage || a.layout.offset !== b.layout.offset) return false;
  return n === 1 || a.layout.isContiguous === b.layout.isContiguous;
}

/** A plain operand of maps in the shape of a view with as many elements. */
export function shapedAs({ layout: { shape } }: View, { storage, layout }: View): View {
  const { strides } = Layout.contiguous(shape);
  const ofOne = layout.isContiguous ? strides : strides.map(() => 0);
  return { storage, layout: new Layout(shape, ofOne, layout.offset) };
}

/**
 * Maps that wait for others to be done with them, so that what they compute need not be read again. Another one
 * fits if it has as many elements and if each element needs nothing that is computed for another.
 */
export class WaitingMaps {
  chain: Chain;
  readonly outputs: View[];
  readonly inputs: Operand[];

  /** @param program a map of plain operands, see {@link isPlain} */
  constructor(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]) {
    this.chain = Chain.of(program);
    this.outputs = [...outputs];
    this.inputs = [...inputs];
    for (const input of inputs) if (isView(input)) queued(input).enqueue();
  }

  /** Number of elements. */
  get size(): number {
    return this.outputs[0]!.layout.size;
  }

  /**
   * Adds a map of plain operands, if it fits.
   *
   * @param fits whether a kernel can reach all of these
   */
  extend(
    program: MapProgram,
    outputs: readonly View[],
    inputs: readonly Operand[],
    fits: (operands: readonly Operand[]) => boolean,
  ): boolean {
    if (outputs[0]!.layout.size !== this.size || this.chain.stages.length === most.stages) return false;
    const added: Operand[] = [];
    const sources: number[] = [];
    for (let k = 0; k < inputs.length; k++) {
      const source = this.sourceOf(inputs[k]!, added);
      if (source < 0) return false;
      sources.push(source);
    }
    const fresh: View[] = [];
    const targets: number[] = [];
    for (let k = 0; k < outputs.length; k++) {
      const target = this.targetOf(outputs[k]!, fresh);
      if (target < 0) return false;
      targets.push(target);
    }
    if (this.inputs.length + added.length > most.inputs) return false;
    if (this.outputs.length + fresh.length > most.outputs) return false;
    if (!fits([...this.outputs, ...this.inputs, ...fresh, ...added])) return false;
    this.chain = this.chain.followedBy(program, sources, targets);
    this.inputs.push(...added);
    this.outputs.push(...fresh);
    for (const input of added) if (isView(input)) queued(input).enqueue();
    return true;
  }

  /** They are done: their inputs are no longer needed. */
  release(): void {
    for (const input of this.inputs) if (isView(input)) queued(input).dequeue();
  }

  /** Negative if what is to be read is computed for another element. */
  private sourceOf(input: Operand, added: Operand[]): number {
    if (isView(input)) {
      for (let k = 0; k < this.outputs.length; k++) {
        const output = this.outputs[k]!;
        if (output.storage === input.storage)
          return isSame(output, input, this.size) ? sourceOfOutput(k) : -1;
      }
      for (let k = 0; k < this.inputs.length; k++) {
        const known = this.inputs[k]!;
        if (isView(known) && isSame(known, input, this.size)) return k;
      }
    }
    return this.inputs.length + added.push(input) - 1;
  }

  /** Negative if what is to be written is read or written for another element. */
  private targetOf(output: View, fresh: View[]): number {
    for (let k = 0; k < this.outputs.length; k++) {
      const known = this.outputs[k]!;
      if (known.storage === output.storage) return isSame(known, output, this.size) ? k : -1;
    }
    for (let k = 0; k < this.inputs.length; k++) {
      const known = this.inputs[k]!;
      if (isView(known) && known.storage === output.storage && !isSame(known, output, this.size)) return -1;
    }
    return this.outputs.length + fresh.push(output) - 1;
  }
}
