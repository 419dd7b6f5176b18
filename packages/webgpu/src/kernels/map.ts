import {
  Chain,
  collapse,
  countNodes,
  hoist,
  isView,
  type Layout,
  type Loops,
  lower,
  type MapProgram,
  type Operand,
  outputOf,
  type View,
} from "@thalweg/kernels";
import type { Memory } from "../device/block";
import type { Gpu } from "../device/gpu";
import type { Kernel } from "../device/kernel";
import { type Place, placeOf } from "../device/place";
import { Slots } from "../device/slots";
import { type GpuStorage, isInt } from "../device/storage";
import { Access } from "../wgsl/access";
import { type Compute, computeOf, writeNumbers } from "../wgsl/compute";
import { walkOf } from "../wgsl/walk";
import { foursOfThread, mapKernel } from "./map-kernel";
import { packed } from "./packed";

/** An input of a map. */
export type Source = Place | number;

interface Variant {
  readonly kernel: Kernel;
  /** The functions of the stages. */
  readonly computes: readonly Compute[];
}

/** From this many fours on, all threads have work even if each computes several fours. */
const many = 2 ** 13;

/**
 * From this many steps on, threads compute single elements. Four of them make a text that is four times as long, which takes drivers
 * long to compile, and a thread spends little of its time on memory.
 */
const manySteps = 128;

/** Launches one map. */
export function map(
  gpu: Gpu,
  program: MapProgram,
  outputs: readonly View[],
  inputs: readonly Operand[],
): void {
  launchMaps(gpu, Chain.of(program), outputs, inputs);
}

/** Launches maps as one kernel, which does not write abandoned outputs. */
export function launchMaps(
  gpu: Gpu,
  chain: Chain,
  outputs: readonly View[],
  inputs: readonly Operand[],
): void {
  if (outputs[0]!.layout.size === 0) return;
  const sources = inputs.map((input) => (isView(input) ? placeOf(input) : input));
  launch(gpu, chain, outputs.map(targetOf), sources);
}

/** The place of an output, whose memory may be gone if it is abandoned. */
function targetOf(view: View): Place {
  const { storage, layout } = view;
  if (!storage.isAbandoned) return placeOf(view);
  return { block: null, layout, isInt: isInt(view), size: storage.size };
}

/** Whether one kernel can reach all of these. */
export function fits(gpu: Gpu, operands: readonly Operand[]): boolean {
  const memories = new Set<Memory>();
  for (const operand of operands) {
    const block = isView(operand) ? (operand.storage as GpuStorage).lease.block : null;
    if (block !== null) memories.add(block.memory);
  }
  return memories.size <= gpu.mostBuffers;
}

/** Launches a chain of maps. A thread computes one element, or four neighbours where all operands allow it. */
function launch(gpu: Gpu, chain: Chain, outputs: readonly Place[], inputs: readonly Source[]): void {
  const first = outputs[0]!;
  const n = first.layout.size;
  const slots = new Slots();
  const codes: number[] = [0];
  const strided: Layout[] = [];
  let quads = !hasManySteps(gpu, chain, inputs);
  const add = ({ block, layout, isInt, size }: Place, written: boolean) => {
    let access: Access = Access.strided;
    if (layout.isContiguous && (n > 1 || written)) access = Access.dense;
    else if (layout.isConstant && !written) access = Access.single;
    else strided.push(layout);
    if (access === Access.dense && layout.offset % 4 !== 0) quads = false;
    // The last four may reach past the view. That is allowed only past the end of the storage.
    if (written && n % 4 !== 0 && layout.offset + n !== size) quads = false;
    codes.push(16 * slots.addBlock(block!, written) + (isInt ? 8 : 0) + access);
  };
  for (let k = 0; k < outputs.length; k++) {
    const output = outputs[k]!;
    if (output.block === null) codes.push((output.isInt ? 8 : 0) + Access.none);
    else add(output, true);
  }
  if (slots.memories.length === 0) return;
  for (let k = 0; k < inputs.length; k++) {
    const input = inputs[k]!;
    if (typeof input === "number") codes.push(Access.none);
    else add(input, false);
  }
  if (slots.memories.length > gpu.mostBuffers) {
    packed(gpu, outputs, inputs, (out, from) => launch(gpu, chain, out, from));
    return;
  }
  let loops: Loops | null = null;
  if (strided.length > 0) {
    loops = collapse(first.layout.shape, strided);
    quads &&= (loops.extents.at(-1) ?? 1) % 4 === 0;
    if (quads) refine(codes, loops);
  }
  const rank = loops?.extents.length ?? 0;
  const count = quads ? Math.ceil(n / 4) : n;
  const several = quads && !gpu.hasSharedMemory && count >= many;
  codes[0] = 4 * rank + (quads ? 1 : 0) + (several ? 2 : 0);
  const { kernel, computes } = variantOf(gpu, chain, codes, outputs.length, slots);
  const { recorder } = gpu;
  recorder.u32(count);
  const starts: number[] = [];
  for (let k = 1, s = 0; k < codes.length; k++) {
    const operand = k <= outputs.length ? outputs[k - 1]! : inputs[k - 1 - outputs.length]!;
    if (typeof operand === "number" || (codes[k]! & 7) === Access.none) continue;
    const start = slots.starts[s++]!;
    const access = codes[k]! & 7;
    if (access >= Access.strided) starts.push(start);
    else recorder.i32((start + operand.layout.offset) / (quads && access === Access.dense ? 4 : 1));
  }
  for (let k = 0; k < computes.length; k++) {
    if (computes[k]!.fields.length === 0) continue;
    writeNumbers(
      computes[k]!,
      recorder,
      chain.stages[k]!.sources.map((source) => inputs[source]),
    );
  }
  if (loops !== null) walkOf("w", rank, strided.length).write(recorder, loops, starts);
  recorder.dispatch(kernel, slots.memories, several ? Math.ceil(count / foursOfThread) : count, false, n);
}

/** Whether each element takes many steps, besides those that only numbers are computed in. */
function hasManySteps({ tier }: Gpu, chain: Chain, inputs: readonly Source[]): boolean {
  const { stages } = chain;
  let most = 0;
  for (let k = 0; k < stages.length; k++) most += stages[k]!.program.weight;
  if (most < manySteps) return false;
  const isNumber = (source: number) => outputOf(source) < 0 && typeof inputs[source] === "number";
  // Lists of more than 53 inputs may share a key. Kernels are right with either answer.
  let key = 0;
  for (let k = 0; k < inputs.length; k++) key = 2 * key + (typeof inputs[k] === "number" ? 1 : 0);
  const known = keptOf(chain, tier).hasManySteps;
  let has = known.get(key);
  if (has === undefined) {
    const weights = stages.map(({ program, sources }) => {
      const { outputs } = hoist(program, (input) => isNumber(sources[input]!));
      return countNodes(lower(outputs));
    });
    has = weights.reduce((sum, weight) => sum + weight) >= manySteps;
    known.set(key, has);
  }
  return has;
}

/** What is kept of a chain. */
interface Kept {
  readonly variants: Map<number | string, Variant>;
  /** By which inputs are numbers. */
  readonly hasManySteps: Map<number, boolean>;
}

function keptOf({ compiled }: Chain, tier: number): Kept {
  const kept = (compiled[tier] ??= [{ variants: new Map(), hasManySteps: new Map() } satisfies Kept]);
  return kept[0] as Kept;
}

/** Refines the access of strided operands for fours of neighbours. */
function refine(codes: number[], { strides, offsets }: Loops): void {
  for (let k = 1, s = 0; k < codes.length; k++) {
    if ((codes[k]! & 7) !== Access.strided) continue;
    const along = strides[s]!;
    const last = along.length - 1;
    const isAligned = offsets[s]! % 4 === 0 && along.every((stride, d) => d === last || stride % 4 === 0);
    s++;
    if (along[last] === 0) codes[k]! += Access.repeated - Access.strided;
    else if (along[last] === 1 && isAligned) codes[k]! += Access.row - Access.strided;
  }
}

function variantOf(gpu: Gpu, chain: Chain, codes: readonly number[], outputs: number, slots: Slots): Variant {
  const key = codes.length > 7 || slots.memories.length > 7 ? codes.join() : keyOf(codes);
  const { variants } = keptOf(chain, gpu.tier);
  let variant = variants.get(key);
  if (variant === undefined) {
    const isNumber = (source: number) =>
      outputOf(source) < 0 && (codes[1 + outputs + source]! & 7) === Access.none;
    const computes = chain.stages.map(({ program, sources }, k) =>
      computeOf(program, (input) => isNumber(sources[input]!), k > 0 ? `s${k}` : ""),
    );
    variant = { kernel: gpu.kernel(mapKernel(chain, computes, codes, outputs, slots)), computes };
    variants.set(key, variant);
  }
  return variant;
}

/** Packs up to seven codes below 128 into one number. */
function keyOf(codes: readonly number[]): number {
  let key = 0;
  for (let k = 0; k < codes.length; k++) key = 128 * key + codes[k]!;
  return key;
}
