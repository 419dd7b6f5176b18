import type { Elements, ReduceOp } from "./communicator";
import { DistributedError } from "./distributed-error";
import { elementTypes, reduceOps, typeOf } from "./elements";

const collectives = ["allReduce", "broadcast", "allGather", "reduceScatter", "barrier", "close"] as const;

type Collective = (typeof collectives)[number];

/** A collective with its arguments, which were checked. */
export type Call =
  | { readonly collective: "allReduce"; readonly own: Elements; readonly reduce: ReduceOp }
  | { readonly collective: "broadcast"; readonly own: Elements; readonly root: number }
  | { readonly collective: "allGather"; readonly own: Elements; readonly all: Elements }
  | {
      readonly collective: "reduceScatter";
      readonly own: Elements;
      readonly all: Elements;
      readonly reduce: ReduceOp;
    }
  | { readonly collective: "barrier" | "close" };

/** Errors that all ranks throw, before any element is sent, because they differ in what they call. */
const mismatches = new WeakSet<object>();

/** Whether an error says that the ranks differ in what they call, so that they are still in step. */
export function isMismatch(error: unknown): boolean {
  return mismatches.has(error as object);
}

/** Numbers that describe a call: collective, type, length, reduction, root. */
export const described = 5;

/** Describes a call to the other ranks. */
export function describeCall(call: Call): Float64Array {
  const { own, reduce, root } = call as { own?: Elements; reduce?: ReduceOp; root?: number };
  return Float64Array.of(
    collectives.indexOf(call.collective),
    own === undefined ? -1 : elementTypes.indexOf(typeOf(own)),
    own === undefined ? -1 : own.length,
    reduce === undefined ? -1 : reduceOps.indexOf(reduce),
    root ?? -1,
  );
}

/** Throws unless all ranks describe the same call. */
export function compareCalls(op: string, all: Float64Array): void {
  for (let at = described, rank = 1; at < all.length; at += described, rank++) {
    const differs = Array.from({ length: described }, (_, i) => all[i] !== all[at + i]);
    if (!differs.includes(true)) continue;
    const error = mismatch(op, differs, all, all.subarray(at), rank);
    mismatches.add(error);
    throw error;
  }
}

function mismatch(
  op: string,
  [collective, type, length, reduce]: readonly boolean[],
  first: Float64Array,
  other: Float64Array,
  rank: number,
): DistributedError {
  const error = (verb: string, a: unknown, b: unknown, remedy: string) =>
    new DistributedError(op, `rank 0 ${verb} ${a}, rank ${rank} ${verb} ${b}`, remedy);
  if (collective) {
    const [a, b] = [collectiveOf(first), collectiveOf(other)];
    return error("calls", a, b, "call the same collectives in the same order on all ranks");
  }
  if (type) return error("has", elementsOf(first), elementsOf(other), "pass buffers of one type");
  if (length) return error("has", elementsOf(first), other[2], "pass buffers of one size");
  if (reduce) {
    const [a, b] = [reduceOps[first[3]!], reduceOps[other[3]!]];
    return error("reduces by", a, b, "pass the same op on all ranks");
  }
  return error("has the root", first[4], other[4], "pass the same root on all ranks");
}

const collectiveOf = (call: Float64Array): Collective => collectives[call[0]!]!;

const elementsOf = (call: Float64Array): string => `${call[2]} ${elementTypes[call[1]!]} elements`;
