import type { Combine } from "@thalweg/kernels";
import { scalarType } from "./types";

/** Threads of a workgroup, unless a kernel says otherwise. */
export const threads = 64;

/** Threads are combined in eights, in two rounds. */
const eight = Array.from({ length: 8 }, (_, k) => k);

/** WGSL that combines two values. */
export const combined: Readonly<Record<Combine, (a: string, b: string) => string>> = {
  sum: (a, b) => `${a} + ${b}`,
  prod: (a, b) => `${a} * ${b}`,
  max: (a, b) => `maximum_(${a}, ${b})`,
  min: (a, b) => `minimum_(${a}, ${b})`,
  fmax: (a, b) => `max(${a}, ${b})`,
};

/** WGSL that combines two ints. */
export const combinedInts: typeof combined = {
  ...combined,
  max: (a, b) => `max(${a}, ${b})`,
  min: (a, b) => `min(${a}, ${b})`,
};

/** Declares the shared memory that {@link together} needs. */
export function shared(isInt = false): string {
  const type = scalarType(isInt);
  return `var<workgroup> each: array<${type}, ${threads}>;
var<workgroup> rows: array<${type}, ${eight.length}>;`;
}

/** Statements that combine one value of each thread of a workgroup, and declare the result as `name` in every thread. */
export function together(combine: Combine, name: string, value: string, isInt = false): string {
  const join = (isInt ? combinedInts : combined)[combine];
  const chain = (item: (k: number) => string) =>
    eight.slice(1).reduce((sum, k) => join(`(${sum})`, item(k)), item(0));
  return `each[lane] = ${value};
workgroupBarrier();
if (lane < 8u) { rows[lane] = ${chain((k) => `each[lane + ${8 * k}u]`)}; }
workgroupBarrier();
let ${name} = ${chain((k) => `rows[${k}]`)};`;
}
