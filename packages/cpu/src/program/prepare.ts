import {
  type Backend,
  type DType,
  execute,
  type KernelCall,
  type PreparedCalls,
  type Storage,
} from "@thalweg/kernels";
import { type Accelerator, accelerator } from "../accelerator";
import { Jobs, type Traced } from "./jobs";
import { traceOf, withoutNumbers } from "./trace";

/** Calls that run together as jobs, or one that the backend runs. */
interface Part {
  readonly calls: readonly KernelCall[];
  readonly jobs: Jobs | null;
}

function partsOf(tier: Accelerator, calls: readonly KernelCall[]): Part[] {
  const parts: Part[] = [];
  let traced: (Traced & { readonly original: KernelCall })[] = [];
  const close = () => {
    if (traced.length === 0) return;
    parts.push({ calls: traced.map(({ original }) => original), jobs: new Jobs(tier, traced) });
    traced = [];
  };
  for (const original of calls) {
    const { call, fill } = withoutNumbers(original);
    const trace = traceOf(tier, call);
    if (trace !== null) traced.push({ original, call, trace, fill });
    else {
      close();
      parts.push({ calls: [original], jobs: null });
    }
  }
  close();
  return parts;
}

/**
 * Prepares calls of the CPU: what WebAssembly computes is planned at the first run that finds it loaded, with the arguments
 * of every kernel in memory. A later run only writes addresses and numbers that are other ones, and launches.
 */
export function prepareCalls(calls: readonly KernelCall[]): PreparedCalls {
  let parts: readonly Part[] | null = null;
  let plannedFor: Accelerator["runtime"]["gemm"] = null;
  const release = () => {
    for (const { jobs } of parts ?? []) jobs?.release();
    parts = null;
  };
  return {
    run() {
      const tier = accelerator();
      if (tier === null) {
        for (const call of calls) execute(call);
        return;
      }
      if (plannedFor !== tier.runtime.gemm) release();
      plannedFor = tier.runtime.gemm;
      parts ??= partsOf(tier, calls);
      for (const { calls, jobs } of parts) {
        if (jobs?.run()) continue;
        for (const call of calls) execute(call);
      }
    },
    release,
  };
}

/** Memory for elements that prepared calls use: in the heap, however few they are, while there is room. */
export function allocateInHeap(backend: Backend, dtype: DType, size: number): Storage {
  const isWide = dtype === "float64";
  return (isWide ? null : accelerator()?.allocate(backend, dtype, size)) ?? backend.allocate(dtype, size);
}
