import type { View } from "../backend/backend";
import { elementTypes } from "../scalar/dtype";
import type { KernelCall, MatmulCall } from "./call";
import { pushCallLayer } from "./run";

/** One run of a kernel. */
export interface KernelEvent {
  /** The kind of kernel: map, reduce, matmul, ... */
  readonly kind: KernelCall["kind"];
  /** Name of the program, or of the operation; empty where the kind says it all. */
  readonly name: string;
  /** How it ran: in JavaScript, in WebAssembly, on how many threads. */
  readonly tier: string;
  /** In milliseconds of `performance.now()`. */
  readonly start: number;
  readonly duration: number;
  /** Bytes of the operands, each counted once. */
  readonly bytes: number;
}

/** Reports every kernel call to `listener`, until the function that it returns is called. */
export function watchKernels(listener: (event: KernelEvent) => void): () => void {
  return pushCallLayer((call, next) => {
    const { backend, kind } = call;
    backend.lastTier = null;
    const start = performance.now();
    next(call);
    const duration = performance.now() - start;
    const tier = backend.lastTier ?? backend.tier;
    listener({ kind, name: nameOf(call), tier, start, duration, bytes: bytesOf(call) });
  });
}

function nameOf(call: KernelCall): string {
  if ("program" in call) return call.program.name;
  if (call.kind === "host") return call.name;
  const name = call.kind === "matmul" ? "" : call.args[0];
  return typeof name === "string" ? name : "";
}

function bytesOf(call: KernelCall): number {
  const operands = Object.values({ ...call, ...(call as Partial<MatmulCall>).epilogue }).flat();
  return operands.filter(isView).reduce((sum, view) => sum + distinctBytes(view), 0);
}

function isView(value: unknown): value is View {
  return typeof value === "object" && value !== null && "layout" in value;
}

/** Distinct bytes that a kernel touches through a view. */
export function distinctBytes({ layout: { shape, strides }, storage }: View): number {
  const width = elementTypes[storage.dtype].bytes;
  return shape.reduce((bytes, extent, d) => (strides[d] === 0 && extent > 0 ? bytes : bytes * extent), width);
}
