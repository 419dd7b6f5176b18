import { argumentsAddress } from "./addresses";
import type { Assembler, Code, Local } from "./assembler";
import { type } from "./instructions";
import type { Kernel, Runtime } from "./runtime";

const compiled = new WeakMap<Runtime, Map<string, Kernel>>();

/** The kernel of that name, made on its first use in this runtime. */
export function kernelOf(runtime: Runtime, name: string, emit: () => Assembler): Kernel {
  let kernels = compiled.get(runtime);
  if (kernels === undefined) compiled.set(runtime, (kernels = new Map()));
  let kernel = kernels.get(name);
  if (kernel === undefined) kernels.set(name, (kernel = runtime.compile(emit())));
  return kernel;
}

/** Writes the arguments of the next job. */
export function writeArguments(runtime: Runtime, words: readonly number[]): void {
  runtime.words.set(words, argumentsAddress / 4);
}

/** A dimension of a batch: its extent, and for each operand the bytes from one matrix to the next. */
export interface BatchDim {
  readonly extent: number;
  readonly strides: readonly number[];
}

/** The words in which {@link emitBatch} expects the batch: innermost dimension first. */
export function batchWords(dims: readonly BatchDim[]): number[] {
  return dims.toReversed().flatMap(({ extent, strides }) => [extent, ...strides]);
}

/** Pushes word `index` of the arguments. */
export function argument(code: Code, args: Local, index: number): Code {
  return code.get(args).at("i32Load", 4 * index);
}

/** A variable that holds word `index` of the arguments. */
export function argumentLocal(code: Code, args: Local, index: number): Local {
  const local = code.local(type.i32);
  argument(code, args, index).set(local);
  return local;
}

/** Runs `body` for every item. */
export function forItems(code: Code, from: Local, to: Local, body: () => void): void {
  code.block((done) => {
    code.loop((next) => {
      code.get(from).get(to).op("i32GeS").branchIf(done);
      body();
      code.get(from).i32(1).op("i32Add").set(from).branch(next);
    });
  });
}

/** `quotient, remainder = value / divisor`, in place of `value`. */
export function divide(code: Code, value: Local, divisor: () => void, remainder: Local): void {
  const quotient = code.local(type.i32);
  const by = code.local(type.i32);
  divisor();
  code.set(by);
  code.get(value).get(by).op("i32DivU").set(quotient);
  code.get(value).get(quotient).get(by).op("i32Mul", "i32Sub").set(remainder);
  code.get(quotient).set(value);
}

/** Moves `pointers` to matrix number `index` of the batch whose words start at `first`; uses up `index`. */
export function emitBatch(code: Code, args: Local, first: number, index: Local, pointers: readonly Local[]) {
  const at = code.local(type.i32);
  const position = code.local(type.i32);
  code.get(args).set(at);
  code.block((done) => {
    code.loop((next) => {
      // No digits are left to the outer dimensions of a small number.
      code.get(index).op("i32Eqz").branchIf(done);
      divide(code, index, () => argument(code, at, first), position);
      pointers.forEach((pointer, i) => {
        code.get(pointer).get(position);
        argument(code, at, first + 1 + i)
          .op("i32Mul", "i32Add")
          .set(pointer);
      });
      code
        .get(at)
        .i32(4 * (pointers.length + 1))
        .op("i32Add")
        .set(at)
        .branch(next);
    });
  });
}
