import { elementTypes } from "../scalar/dtype";
import type { Backend, View } from "./backend";
import { allBackends } from "./devices";

/** One run of a kernel. */
export interface KernelEvent {
  /** The kind of kernel: map, reduce, matmul, ... */
  readonly kind: string;
  /** The name of the program or operation; empty where the kernel has none. */
  readonly name: string;
  /** How it ran: in JavaScript, in WebAssembly, on how many threads. */
  readonly tier: string;
  /** In milliseconds of `performance.now()`. */
  readonly start: number;
  readonly duration: number;
  /** Bytes of the operands, each counted once. */
  readonly bytes: number;
  /** Variants of its program that were compiled for this run. */
  readonly compiled: number;
}

const kernels = [
  ...(["map", "reduce", "matmul", "contract", "rows", "argReduce", "scan", "argsort"] as const),
  ...(["gather", "scatterAdd", "random"] as const),
];

type Kernel = (this: Backend, ...args: unknown[]) => unknown;

/**
 * Calls `listener` after each run of a kernel, on every backend. It wraps the kernels, so they cost nothing
 * while nobody watches. The returned function unwraps them; watches must end in the opposite order.
 */
export function watchKernels(listener: (event: KernelEvent) => void): () => void {
  const undo: (() => void)[] = [];
  const watches = new Set<Kernel>();
  for (const backend of allBackends()) {
    for (const kind of kernels) {
      // The function may be on a prototype, which backends of one class share.
      let owner: object | null = backend;
      while (owner !== null && !Object.hasOwn(owner, kind)) owner = Object.getPrototypeOf(owner);
      const place = owner as Record<string, Kernel> | null;
      if (place === null || watches.has(place[kind]!)) continue;
      const kernel = place[kind]!;
      place[kind] = watched(kind, kernel, listener);
      watches.add(place[kind]);
      undo.push(() => {
        place[kind] = kernel;
      });
    }
  }
  return () => {
    for (const step of undo.reverse()) step();
  };
}

function watched(kind: string, kernel: Kernel, listener: (event: KernelEvent) => void): Kernel {
  return function (...args) {
    this.lastTier = null;
    const before = variantsOf(args);
    const start = performance.now();
    const result = kernel.apply(this, args);
    const duration = performance.now() - start;
    const tier = this.lastTier ?? this.tier;
    // A kernel that returns false has done nothing.
    if (result === false) return result;
    const views = args.flat().filter(isView);
    const bytes = views.reduce((sum, view) => sum + bytesOf(view), 0);
    const first = args[0] as { name?: string } | string;
    const name = typeof first === "string" ? first : (first.name ?? "");
    listener({ kind, name, tier, start, duration, bytes, compiled: variantsOf(args) - before });
    return result;
  };
}

/** The number of compiled variants of the programs among the arguments, over all tiers. */
function variantsOf(args: readonly unknown[]): number {
  return args.reduce<number>((count, arg) => {
    const { compiled } = Object(arg) as { readonly compiled?: readonly (readonly unknown[] | undefined)[] };
    return Array.isArray(compiled) ? compiled.reduce((sum, list) => sum + (list?.length ?? 0), count) : count;
  }, 0);
}

function isView(value: unknown): value is View {
  return typeof value === "object" && value !== null && "layout" in value;
}

/** Distinct bytes that a kernel touches through a view. */
function bytesOf({ layout: { shape, strides }, storage }: View): number {
  const width = elementTypes[storage.dtype].bytes;
  return shape.reduce((bytes, extent, d) => (strides[d] === 0 && extent > 0 ? bytes : bytes * extent), width);
}
