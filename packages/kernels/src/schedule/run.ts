import type { Backend, Epilogue, Grouping, Operand, View } from "../backend/backend";
import type { Storage } from "../backend/storage";
import type { Shape } from "../errors";
import type { DType } from "../scalar/dtype";
import type { MapProgram } from "../scalar/programs/map-program";
import type { ReduceProgram } from "../scalar/programs/reduce-program";
import type { RowProgram } from "../scalar/programs/row-program";
import { type DirectCall, type DirectKind, execute, type KernelCall } from "./call";
import { contract } from "./contract";
import { type HostCall, recorder } from "./recorder";
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

/** Whether there are layers that want to see calls. */
export function isObserved(): boolean {
  return top !== null;
}

/** Runs a call through the layers that are there. */
export function dispatch(call: KernelCall): void {
  if (top === null) execute(call);
  else top(call);
}

/** Runs {@link Backend.filled}. */
export function runFilled(
  backend: Backend,
  dtype: DType,
  size: number,
  value: number,
  shape?: Shape,
): Storage {
  const storage = backend.filled(dtype, size, value, shape);
  recorder?.filled(storage, value);
  return storage;
}

/** Runs {@link Backend.upload}. */
export function runUpload(backend: Backend, dtype: DType, values: ArrayLike<number>, shape?: Shape): Storage {
  const storage = backend.upload(dtype, values, shape);
  recorder?.uploaded(storage);
  return storage;
}

/**
 * Runs a function of the host on views, at its place among the kernels. It reads the inputs and writes the outputs, and
 * its own kernel calls are no part of a program that is recorded.
 */
export function runHost(
  backend: Backend,
  name: string,
  outputs: readonly View[],
  inputs: readonly View[],
  run: HostCall["run"],
): void {
  if (top === null) run(outputs, inputs);
  else top({ kind: "host", backend, name, outputs, inputs, run });
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

/** Runs {@link Backend.matmul}. */
export function runMatmul(backend: Backend, out: View, a: View, b: View, epilogue?: Epilogue): void {
  if (top === null) backend.matmul(out, a, b, epilogue);
  else top({ kind: "matmul", backend, out, a, b, grouping: undefined, epilogue });
}

/**
 * Runs a product of matrices whose rows, columns and terms are several dimensions each, of any strides:
 * `[...batch, ...rows, ...terms] x [...batch, ...terms, ...columns] -> [...batch, ...rows, ...columns]`. The sum runs over the
 * terms in row-major order.
 */
export function runContract(
  backend: Backend,
  out: View,
  a: View,
  b: View,
  grouping: Grouping,
  epilogue?: Epilogue,
): void {
  if (top === null) contract(backend, out, a, b, grouping, epilogue);
  else top({ kind: "matmul", backend, out, a, b, grouping, epilogue });
}

/** Runs a kernel that takes its arguments as they are, such as {@link Backend.gather}. */
export function runKernel<K extends DirectKind>(
  backend: Backend,
  kind: K,
  ...args: Parameters<Backend[K]>
): void {
  if (top === null) (backend[kind] as (...args: unknown[]) => void)(...args);
  else top({ kind, backend, args } as unknown as DirectCall);
}
