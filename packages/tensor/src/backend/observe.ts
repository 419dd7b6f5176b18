import type { View } from "./backend";

/** One run of a kernel. */
export interface KernelEvent {
  /** Which of the backend's kernels: map, reduce, matmul, ... */
  readonly kind: string;
  /** What was computed, where the kernel knows. */
  readonly name: string;
  /** How it was run: by JavaScript, by WebAssembly, on how many threads. */
  readonly tier: string;
  /** In milliseconds of `performance.now()`. */
  readonly start: number;
  readonly duration: number;
  /** Bytes of the operands, each counted once. */
  readonly bytes: number;
}

/** Who wants to hear of kernels, and what a backend has to say of the one that runs. */
export const observation: { listener: ((event: KernelEvent) => void) | null; tier: string } = {
  listener: null,
  tier: "",
};

/** Distinct bytes that a view makes a kernel touch. */
function bytesOf({ layout: { shape, strides } }: View, width: number): number {
  return shape.reduce((bytes, extent, d) => (strides[d] === 0 && extent > 0 ? bytes : bytes * extent), width);
}

function isView(value: unknown): value is View {
  return typeof value === "object" && value !== null && "layout" in value;
}

/**
 * Runs a kernel, and tells the listener what it took, unless it returns false: then nothing was done. What it
 * is called with tells the name and the operands.
 */
export function observed(
  kind: string,
  tier: string,
  args: readonly unknown[],
  run: () => boolean | void,
): void {
  observation.tier = tier;
  const start = performance.now();
  if (run() === false) return;
  const duration = performance.now() - start;
  const views = args.flat().filter(isView);
  const width = views[0]?.storage.backend.dtype === "float64" ? 8 : 4;
  const bytes = views.reduce((sum, view) => sum + bytesOf(view, width), 0);
  const first = args[0] as { name?: string } | string;
  const name = typeof first === "string" ? first : (first.name ?? "");
  observation.listener?.({ kind, name, tier: observation.tier, start, duration, bytes });
}

/** `run`, reported to the listener when there is one. */
export function watched<F extends (a: never, b: never, c: never, d: never, e: never) => void>(
  kind: string,
  tier: string,
  run: F,
): F {
  // Five parameters, not a rest: collecting them costs more than a small kernel.
  return ((a: never, b: never, c: never, d: never, e: never) => {
    if (observation.listener === null) run(a, b, c, d, e);
    else observed(kind, tier, [a, b, c, d, e], () => run(a, b, c, d, e));
  }) as F;
}
