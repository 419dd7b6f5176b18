import { recorder } from "@thalweg/kernels";
import type { Tensor } from "@thalweg/tensor";
import { callback, checkArguments, count, options as optionsOf, string } from "@thalweg/tensor/internal";
import { type RecordedBackward, recordBackward } from "./backward";
import { misfit, Program } from "./program";
import { Recording } from "./recording";
import { type Found, formOf, type Value } from "./values";

/** Options of {@link compile}. */
export interface CompileOptions {
  /** Programs that are kept, the least recently used one is dropped; 8 unless given. */
  readonly maxPrograms?: number;
  /** Name of the function in errors and descriptions; the function's own unless given. */
  readonly name?: string;
}

/** A function that runs as a program. */
export interface Compiled<F extends (...args: never[]) => Value> {
  (...args: Parameters<F>): ReturnType<F>;
}

/** Recordings without a program that fitted again, after which the function runs eagerly. */
const patience = 32;

const compileArguments = {
  f: callback,
  options: optionsOf<CompileOptions>({ maxPrograms: count, name: string }),
};

class Compiler {
  readonly programs: Program[] = [];
  readonly op: string;
  private readonly f: (...args: unknown[]) => unknown;
  private readonly most: number;
  private inVain = 0;
  private isEager = false;
  /** Why the last recording was made. */
  reason = "the first call";

  constructor(f: (...args: never[]) => unknown, { maxPrograms = 8, name }: CompileOptions) {
    this.f = f as (...args: unknown[]) => unknown;
    this.op = name ?? (f.name || "the compiled function");
    this.most = Math.max(1, maxPrograms);
  }

  call(args: readonly unknown[]): unknown {
    // Inside of another recording it is a part of that.
    if (this.isEager || recorder !== null) return this.f(...args);
    const { programs } = this;
    for (let i = 0; i < programs.length; i++) {
      const program = programs[i]!;
      const why = program.misfit(args);
      if (why !== null) {
        if (i === 0) this.reason = why;
        continue;
      }
      const result = program.run();
      if (result === misfit) {
        if (i === 0) this.reason = "the options or the state of an optimizer";
        continue;
      }
      if (i > 0) {
        programs.splice(i, 1);
        programs.unshift(program);
      }
      this.inVain = 0;
      return result;
    }
    return this.record(args);
  }

  private record(args: readonly unknown[]): unknown {
    if (++this.inVain > patience) {
      this.isEager = true;
      console.warn(
        `${this.op}: was recorded ${patience} times in a row, because of ${this.reason}; it runs eagerly from now on`,
      );
      return this.f(...args);
    }
    const found: Found[] = [];
    const form = formOf(this.op, args, "arguments", found);
    const recording = new Recording(this.op, found);
    const results: Found[] = [];
    const [result, resultForm] = recording.run(() => {
      const result = this.f(...args);
      return [result, formOf(this.op, result, "its result", results)] as const;
    });
    const backward = gradientsOf(recording, results);
    if (backward === undefined) {
      recording.letGo();
      this.isEager = true;
      return result;
    }
    const program = new Program(recording, { form, found }, { form: resultForm, found: results }, backward);
    recording.end();
    if (recording.onlyOnce === "") {
      this.programs.unshift(program);
      while (this.programs.length > this.most) this.programs.pop()!.drop();
    } else {
      this.reason = recording.onlyOnce;
      program.drop();
    }
    return result;
  }
}

/**
 * The gradients of results with a history, null where none has one. Undefined where a history cannot be recorded: that of
 * gradients and of tensors from outside, and of results that are views of others.
 */
function gradientsOf(recording: Recording, results: readonly Found[]): RecordedBackward | null | undefined {
  const gradients = [...recording.gradients.keys()].map(({ gradient }) => gradient);
  if (recording.hasNewHistory()) return undefined;
  if (gradients.some((gradient) => gradient !== null && recording.isLive(gradient))) return undefined;
  const live = [...new Set(results.map(({ tensor }) => tensor))].filter(
    (tensor) => recording.isLive(tensor) && !recording.tensors.has(tensor),
  );
  if (live.length === 0) return null;
  const [{ storage: first }] = live as [Tensor];
  const isOfOneKind = ({ storage }: Tensor) =>
    storage.dtype === first.dtype && storage.backend === first.backend && recording.made.has(storage);
  if (!live.every(isOfOneKind)) return undefined;
  return recordBackward(recording, live);
}

/**
 * Makes a function run as one program: the first call records what it computes, later ones run that again, without the
 * JavaScript in between.
 */
export function compile<const F extends (...args: never[]) => Value>(f: F, options: CompileOptions = {}): Compiled<F> {
  checkArguments("compile", compileArguments, [f, options]);
  const compiler = new Compiler(f, options);
  return ((...args: unknown[]) => compiler.call(args)) as unknown as Compiled<F>;
}
