import { distinctBytes, type KernelCall, readBy, type View, writtenBy } from "@thalweg/kernels";
import { bytesOf } from "./plan";
import type { Program } from "./program";
import { type Slot, slotOf } from "./slot";

/** A kernel of a program. */
export interface KernelDescription {
  /** The kind of kernel: map, reduce, matmul, rows, ... */
  readonly kind: string;
  /** The operations that it computes, in order: more than one where kernels were joined. */
  readonly operations: readonly string[];
  /** Shape of its first result. */
  readonly shape: readonly number[];
  /** Bytes of the memory that it reads, each counted once. */
  readonly bytesRead: number;
  /** Bytes of the memory that it writes. */
  readonly bytesWritten: number;
  /** The number of the JavaScript function that it is a part of; null for a kernel that is called by itself. */
  readonly part: number | null;
  /** The kernels whose results it reads, by their numbers. */
  readonly reads: readonly number[];
}

/** A program of a compiled function. */
export interface ProgramDescription {
  /** Types and shapes of the tensors among the arguments. */
  readonly arguments: readonly string[];
  readonly kernels: readonly KernelDescription[];
  /** The number of kernel calls that were recorded. */
  readonly recorded: number;
  /** Bytes that it keeps for what lies between its kernels. */
  readonly memory: number;
  /** Bytes of what is seen after a call, results and gradients, which `memory` does not hold. */
  readonly results: number;
  /**
   * The least bytes that the recorded kernels could hold at once, each with memory of its own for what it makes, from the kernel
   * that makes it to the last that uses it, or to the end if it is seen after the call. The program holds `memory + results`.
   */
  readonly eagerPeak: number;
  /** Bytes that all results of the recorded kernels take together. */
  readonly eagerMemory: number;
}

/** What a compiled function is made of. */
export interface Explanation {
  readonly name: string;
  /** The programs that are kept, the one that ran last first. */
  readonly programs: readonly ProgramDescription[];
  /** How many times the function was recorded. */
  readonly recordings: number;
  /** Why the last recording was made. */
  readonly reason: string;
  /** Whether the function runs eagerly, and why; null where it does not. */
  readonly eager: string | null;
}

const total = (views: readonly View[]) => views.reduce((bytes, view) => bytes + distinctBytes(view), 0);

/** The names of the operations that a call computes. */
export function operationsOf(call: KernelCall): string[] {
  if (call.kind === "matmul") {
    const rest = call.epilogue === undefined ? [] : call.epilogue.program.name.split(", ");
    return [...new Set(["matmul", ...rest])];
  }
  if (call.kind === "host") return [call.name];
  if ("program" in call) return call.program.name.split(", ");
  const [first] = call.args;
  return [typeof first === "string" ? first : call.kind];
}

/** Describes a program. */
export function describeProgram(program: Program): ProgramDescription {
  const { steps, memory } = program.executable;
  const writers = new Map<Slot, number>();
  const parts = new Map<unknown, number>();
  const kernels = steps.map(({ recorded: { call }, segment }, k): KernelDescription => {
    const reads = readBy(call).flatMap((view) => writers.get(slotOf(view)) ?? []);
    for (const view of writtenBy(call)) writers.set(slotOf(view), k);
    if (segment !== undefined && !parts.has(segment)) parts.set(segment, parts.size);
    return {
      kind: call.kind,
      operations: operationsOf(call),
      shape: writtenBy(call)[0]?.layout.shape ?? [],
      bytesRead: total(readBy(call)),
      bytesWritten: total(writtenBy(call)),
      part: segment === undefined ? null : parts.get(segment)!,
      reads: [...new Set(reads)],
    };
  });
  return {
    arguments: program.argumentTypes,
    kernels,
    recorded: program.recordedCalls,
    memory: bytesOf(memory),
    results: bytesOf(program.outcome.targets.map(({ slot }) => slot)),
    eagerPeak: program.eagerPeak,
    eagerMemory: program.eagerMemory,
  };
}

const bytes = (count: number) =>
  count < 1024
    ? `${count} B`
    : count < 2 ** 20
      ? `${(count / 1024).toFixed(1)} kB`
      : `${(count / 2 ** 20).toFixed(1)} MB`;

/** The explanation as text. */
export function printExplanation({ name, programs, recordings, reason, eager }: Explanation): string {
  const times = recordings === 1 ? "once" : `${recordings} times`;
  const head = `${name}: recorded ${times}, last because of ${reason}`;
  if (eager !== null) return `${head}\nruns eagerly: ${eager}`;
  return [head, ...programs.map((program, i) => printProgram(program, i))].join("\n");
}

function printProgram(program: ProgramDescription, i: number): string {
  const { kernels, recorded, memory, results, eagerPeak, eagerMemory } = program;
  const rows = kernels.map(({ kind, operations, shape, bytesRead, bytesWritten, part }) => [
    part === null ? " " : `${part}`,
    kind,
    operations.join(" + "),
    `[${shape.join(", ")}]`,
    bytes(bytesRead),
    bytes(bytesWritten),
  ]);
  const table = [["fn", "kernel", "operations", "shape", "reads", "writes"], ...rows];
  const widths = table[0]!.map((_, c) => Math.max(...table.map((row) => row[c]!.length)));
  const lines = table.map(
    (row) =>
      `  ${row
        .map((cell, c) => cell.padEnd(widths[c]!))
        .join("  ")
        .trimEnd()}`,
  );
  return [
    `program ${i + 1}(${program.arguments.join(", ")}): ${kernels.length === 1 ? "1 kernel" : `${kernels.length} kernels`} of ${recorded} recorded calls`,
    `  memory: ${bytes(memory)}, results ${bytes(results)}; eager holds ${bytes(eagerPeak)} at once at least, and makes ${bytes(eagerMemory)} in all`,
    ...lines,
  ].join("\n");
}

/** The program that ran last as a Mermaid flowchart. */
export function drawProgram(program: ProgramDescription | undefined): string {
  const lines = ["flowchart TD"];
  for (const [k, { operations, shape, kind }] of (program?.kernels ?? []).entries()) {
    const names = operations.map((name) => name.replaceAll('"', "#quot;")).join(" + ");
    lines.push(`  k${k}["${kind}: ${names}<br>[${shape.join(", ")}]"]`);
  }
  for (const [k, { reads }] of (program?.kernels ?? []).entries()) {
    for (const from of reads) lines.push(`  k${from} --> k${k}`);
  }
  return `${lines.join("\n")}\n`;
}
