import type { Backend, Epilogue, Grouping, Operand, RandomKind, View } from "../backend/backend";
import type { MapProgram } from "../scalar/programs/map-program";
import type { ReduceProgram } from "../scalar/programs/reduce-program";
import type { RowProgram } from "../scalar/programs/row-program";
import { execute, type KernelCall } from "./call";
import { contract } from "./contract";
import { rows } from "./row";

/** Sees every kernel call on its way to the backend; calls `next` to go on. */
export type CallLayer = (call: KernelCall, next: (call: KernelCall) => void) => void;

const layers: CallLayer[] = [];

/** Takes the calls as values; null where no layer wants them, and they are run without becoming values. */
let top: ((call: KernelCall) => void) | null = null;

function compose(): void {
  top =
    layers.length === 0
      ? null
      : layers.reduce<(call: KernelCall) => void>((next, layer) => (call) => layer(call, next), execute);
}

/** Puts a layer between operations and backends; the function it returns takes it out again. */
export function pushCallLayer(layer: CallLayer): () => void {
  layers.push(layer);
  compose();
  return () => {
    const at = layers.lastIndexOf(layer);
    if (at >= 0) layers.splice(at, 1);
    compose();
  };
}

/** Runs {@link Backend.map}. */
export function runMap(
  backend: Backend,
  program: MapProgram,
  outputs: readonly View[],
  inputs: readonly Operand[],
): void {
  if (top === null) backend.map(program, outputs, inputs);
  else top({ kind: "map", backend, program, outputs, inputs });
}

/** Runs {@link Backend.reduce}. */
export function runReduce(
  backend: Backend,
  program: ReduceProgram,
  out: View,
  inputs: readonly Operand[],
  dims: readonly number[],
): void {
  if (top === null) backend.reduce(program, out, inputs, dims);
  else top({ kind: "reduce", backend, program, out, inputs, dims });
}

/**
 * Runs a row program along `dim`: in one kernel where the backend can, else as a kernel for each stage. Outputs and
 * inputs have one shape; no output may be an input.
 */
export function runRows(
  backend: Backend,
  program: RowProgram,
  outputs: readonly View[],
  inputs: readonly Operand[],
  dim: number,
): void {
  if (top === null) rows(backend, program, outputs, inputs, dim);
  else top({ kind: "rows", backend, program, outputs, inputs, dim });
}

/**
 * Runs {@link Backend.matmul}, or with a grouping a product of matrices whose rows, columns and terms are several
 * dimensions each, of any strides: `[...batch, ...rows, ...terms] x [...batch, ...terms, ...columns] -> [...batch,
 * ...rows, ...columns]`. The sum runs over the terms in row-major order.
 */
export function runMatmul(
  backend: Backend,
  out: View,
  a: View,
  b: View,
  epilogue?: Epilogue,
  grouping?: Grouping,
): void {
  if (top !== null) top({ kind: "matmul", backend, out, a, b, grouping, epilogue });
  else if (grouping === undefined) backend.matmul(out, a, b, epilogue);
  else contract(backend, out, a, b, grouping, epilogue);
}

/** Runs {@link Backend.argReduce}. */
export function runArgReduce(
  backend: Backend,
  extreme: "max" | "min",
  out: View,
  input: View,
  dim: number,
): void {
  if (top === null) backend.argReduce(extreme, out, input, dim);
  else top({ kind: "argReduce", backend, extreme, out, input, dim });
}

/** Runs {@link Backend.scan}. */
export function runScan(backend: Backend, out: View, a: View, b: View, dim: number): void {
  if (top === null) backend.scan(out, a, b, dim);
  else top({ kind: "scan", backend, out, a, b, dim });
}

/** Runs {@link Backend.argsort}. */
export function runArgsort(backend: Backend, out: View, input: View, dim: number, descending: boolean): void {
  if (top === null) backend.argsort(out, input, dim, descending);
  else top({ kind: "argsort", backend, out, input, dim, descending });
}

/** Runs {@link Backend.gather}; `op` is what the user called, for errors. */
export function runGather(
  backend: Backend,
  op: string,
  out: View,
  input: View,
  dim: number,
  index: View,
): void {
  if (top === null) backend.gather(op, out, input, dim, index);
  else top({ kind: "gather", backend, op, out, input, dim, index });
}

/** Runs {@link Backend.scatterAdd}; `op` is what the user called, for errors. */
export function runScatterAdd(
  backend: Backend,
  op: string,
  out: View,
  dim: number,
  index: View,
  src: View,
): void {
  if (top === null) backend.scatterAdd(op, out, dim, index, src);
  else top({ kind: "scatterAdd", backend, op, out, dim, index, src });
}

/** Runs {@link Backend.random}. */
export function runRandom(
  backend: Backend,
  distribution: RandomKind,
  out: View,
  seed: number,
  counter: number,
): void {
  if (top === null) backend.random(distribution, out, seed, counter);
  else top({ kind: "random", backend, distribution, out, seed, counter });
}
