import { anomaly } from "@thalweg/autograd/internal";
import { recorder } from "@thalweg/kernels";
import { Tensor } from "@thalweg/tensor";
import {
  boolean,
  callback,
  checkArguments,
  count,
  options as optionsOf,
  string,
} from "@thalweg/tensor/internal";
import { type RecordedBackward, recordBackward } from "./backward";
import { compareWithEager } from "./check";
import { describeProgram, drawProgram, type Explanation, printExplanation } from "./explain";
import { misfit, Program } from "./program";
import { Recording } from "./recording";
import { type Found, formOf, type Value, valueOf } from "./values";

/** Options of {@link compile}. */
export interface CompileOptions {
  /** The number of programs that are kept; the least recently used one is dropped. 8 unless given. */
  readonly maxPrograms?: number;
  /** Name of the function in errors and descriptions; the function's own unless given. */
  readonly name?: string;
  /**
   * The number of calls for which the function also runs eagerly, from the same state. They throw where a bit differs;
   * their results are those of eager. 0 unless given. The function must be on a device that is read synchronously.
   */
  readonly check?: number;
  /**
   * Whether tensors have their gradients after a call, as without `compile`; true unless given. Without them the program
   * writes less memory.
   */
  readonly keepGradients?: boolean;
}

/**
 * A function that runs as a program.
 *
 * @typeParam F the type of the function
 */
export interface Compiled<F extends (...args: never[]) => Value> {
  (...args: Parameters<F>): ReturnType<F>;
  /** Describes the programs: their kernels, what was joined in each, and why the last recording was made. */
  explain(): Explanation;
  /** The program that ran last, as a Mermaid flowchart. */
  toMermaid(): string;
  /** The programs as text. */
  toString(): string;
}

/** Recordings without a program that fitted again, after which the function runs eagerly. */
const patience = 32;

const compileArguments = {
  f: callback,
  options: optionsOf<CompileOptions>({
    maxPrograms: count,
    name: string,
    check: count,
    keepGradients: boolean,
  }),
};

class Compiler {
  private readonly programs: Program[] = [];
  private readonly op: string;
  private readonly f: (...args: unknown[]) => unknown;
  private readonly most: number;
  private readonly keepsGradients: boolean;
  private checks: number;
  private inVain = 0;
  private recordings = 0;
  /** Why the function runs eagerly; null while it does not. */
  private eager: string | null = null;
  /** Why the last recording was made. */
  private reason = "the first call";

  constructor(
    f: (...args: never[]) => unknown,
    { maxPrograms = 8, name, check = 0, keepGradients = true }: CompileOptions,
  ) {
    this.f = f as (...args: unknown[]) => unknown;
    this.op = name ?? (f.name || "the compiled function");
    this.most = Math.max(1, maxPrograms);
    this.checks = check;
    this.keepsGradients = keepGradients;
  }

  explain(): Explanation {
    const { op: name, recordings, reason, eager } = this;
    return { name, programs: this.programs.map(describeProgram), recordings, reason, eager };
  }

  call(args: readonly unknown[]): unknown {
    // Inside of another recording it is a part of that; the search for a NaN reads all gradients.
    if (this.eager !== null || recorder !== null || anomaly.look !== null) return this.f(...args);
    const { programs } = this;
    let reason = this.recordings === 0 ? "the first call" : this.reason;
    for (let i = 0; i < programs.length; i++) {
      const program = programs[i]!;
      const why = program.misfit(args);
      const result = why === null ? this.run(program, args) : misfit;
      if (result === misfit) {
        if (i === 0) reason = why ?? "the options or the state of an optimizer";
        continue;
      }
      if (i > 0) {
        programs.splice(i, 1);
        programs.unshift(program);
      }
      this.inVain = 0;
      return result;
    }
    this.reason = reason;
    return this.record(args);
  }

  private run(program: Program, args: readonly unknown[]): unknown {
    if (this.checks === 0) return program.run();
    const result = compareWithEager(this.op, program, () => this.f(...args));
    if (result !== misfit) this.checks--;
    return result;
  }

  private record(args: readonly unknown[]): unknown {
    if (++this.inVain > patience) {
      this.eager = `it was recorded ${patience} times in a row, because of ${this.reason}`;
      console.warn(`${this.op}: ${this.eager}; it runs eagerly from now on`);
      return this.f(...args);
    }
    this.recordings++;
    const given: Found[] = [];
    const form = formOf(this.op, args, "arguments", given);
    const aliases = aliasesOf(given);
    const found = given.map(({ tensor, path }) => ({ tensor: aliases.get(tensor) ?? tensor, path }));
    const tensors = found.map(({ tensor }) => tensor);
    const recording = new Recording(this.op, found);
    const results: Found[] = [];
    const resultForm = recording.run(() => {
      const result = this.f(...(valueOf(form, tensors) as unknown[]));
      return formOf(this.op, result, "its result", results);
    });
    const originals = new Map([...aliases].map(([original, alias]) => [alias, original]));
    const result = valueOf(
      resultForm,
      results.map(({ tensor }) => originals.get(tensor) ?? tensor),
    );
    const backward = gradientsOf(recording, results);
    if (backward === undefined) {
      adopt(aliases);
      recording.letGo();
      this.eager = "it leaves a history that is not a result's own";
      return result;
    }
    const program = new Program(
      recording,
      { form, found },
      { form: resultForm, found: results },
      backward,
      this.keepsGradients,
    );
    adopt(aliases);
    if (recording.isEntangled) program.fitsOnly(given.map(({ tensor }) => tensor));
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
 * Other tensors with the memory of arguments, for a recording: a use of the tensor itself is one from outside. A tensor that
 * needs a gradient has none, since that is its own.
 */
function aliasesOf(found: readonly Found[]): Map<Tensor, Tensor> {
  const aliases = new Map<Tensor, Tensor>();
  for (const { tensor } of found) {
    if (tensor.requiresGrad || aliases.has(tensor)) continue;
    const alias = new Tensor(tensor.storage, tensor.layout);
    alias.name = tensor.name;
    alias.keepGradient(tensor.gradient);
    aliases.set(tensor, alias);
  }
  return aliases;
}

/** Gives arguments what a recording gave their aliases: gradients, and histories by in-place writes. */
function adopt(aliases: ReadonlyMap<Tensor, Tensor>): void {
  for (const [original, alias] of aliases) {
    original.keepGradient(alias.gradient);
    if (alias.node !== null) original.track(alias.node);
    alias.keepGradient(null);
    alias[Symbol.dispose]();
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
 * Makes a function run as one program. The first call runs it and records its kernels; later calls run these, joined
 * where several can be one, without the JavaScript in between. Results, parameters, gradients, the state of optimizers and
 * of generators are the same as without `compile`, bit for bit.
 *
 * The function is synchronous. It takes and returns tensors and plain values, alone or in arrays and plain objects. It may
 * be a forward pass, or a whole step with `backward` and an optimizer. Whatever else its JavaScript does happens only while
 * it is recorded.
 *
 * @typeParam F the type of the function, which its compiled form has, too
 * @throws ThalwegError from calls: when the function reads elements, returns a promise, or calls what cannot be repeated.
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * const step = compile((x: Tensor) => {
 *   w.grad = null;
 *   const loss = w.mul(x).square().sum();
 *   loss.backward();
 *   noGrad(() => w.sub_(w.grad!.mul(0.1)));
 *   return loss;
 * });
 * [1, 2, 3].map(() => step(tensor([1, 1])).item().toFixed(4)); // → ["5.0000","3.2000","2.0480"]
 */
export function compile<const F extends (...args: never[]) => Value>(
  f: F,
  options: CompileOptions = {},
): Compiled<F> {
  checkArguments("compile", compileArguments, [f, options]);
  const compiler = new Compiler(f, options);
  const compiled = (...args: unknown[]) => compiler.call(args);
  return Object.assign(compiled, {
    explain: () => compiler.explain(),
    toMermaid: () => drawProgram(compiler.explain().programs[0]),
    toString: () => printExplanation(compiler.explain()),
  }) as unknown as Compiled<F>;
}
