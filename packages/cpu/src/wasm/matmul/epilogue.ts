import type { Expr } from "@thalweg/kernels";
import { type Evaluator, evaluator, lower, type MapProgram } from "@thalweg/kernels";
import { Access, hoistUniform } from "../../access";
import { keyOf, maxAccesses, variantOf } from "../../variants";
import type { Assembler, Code, Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, until } from "../assembler/loops";
import { costOf } from "../runtime/cost";
import type { Kernel, MemoryView, Runtime } from "../runtime/runtime";
import { canEmit, VectorExpression } from "../vector/expression";
import { argument, type Form, frame } from "./form";
import { type Completion, productModule } from "./module";
import type { Product } from "./product";

/** The epilogue of one product. */
export interface Finish {
  /** The numbers among the operands, and the values of expressions of them. */
  readonly numbers: readonly number[];
  /** The approximate nanoseconds for one element. */
  readonly cost: number;
  /** The kernel that multiplies in a form and finishes. `name` is that of the kernel that only multiplies. */
  kernel(name: string, form: Form): Kernel;
}

interface Variant {
  readonly completion: Completion | null;
  readonly hoisted: Evaluator | undefined;
  readonly cost: number;
  readonly kernels: Map<string, Kernel>;
}

/** The epilogue, or null where there is no kernel for it: rows have to be dense, and floats. */
export function epilogueOf(
  runtime: Runtime,
  program: MapProgram,
  operands: readonly (MemoryView | number)[],
  { c, others, isInt }: Product,
): Finish | null {
  if (isInt || c.step !== 4 || program.outputs.length !== 1 || operands.length >= maxAccesses) return null;
  let view = 0;
  const inputs: Access[] = [Access.dense];
  for (const operand of operands) {
    const step = typeof operand === "number" ? undefined : others[view++]!.step;
    if (step !== undefined && step !== 0 && step !== 4) return null;
    inputs.push(step === undefined ? Access.number : step === 0 ? Access.single : Access.dense);
  }
  const variant = variantOf(program, runtime.epilogueTier, keyOf(inputs), () => make(program, inputs));
  const { completion, hoisted, kernels, cost } = variant;
  if (completion === null) return null;
  const values = [0, ...operands.map((operand) => (typeof operand === "number" ? operand : 0))];
  return {
    numbers: [...values.filter((_, i) => inputs[i] === Access.number), ...(hoisted?.(values) ?? [])],
    cost,
    kernel(name, form) {
      let kernel = kernels.get(name);
      if (kernel === undefined) {
        kernel = runtime.compile(productModule(form, completion));
        kernels.set(name, kernel);
      }
      return kernel;
    },
  };
}

function make(program: MapProgram, inputs: readonly Access[]): Variant {
  const { outputs, uniform } = hoistUniform(program, inputs);
  const [expression] = lower(outputs);
  const kinds = [...inputs, ...uniform.map(() => Access.number)];
  return {
    completion: canEmit([expression!]) ? completionOf(expression!, kinds) : null,
    hoisted: uniform.length > 0 ? evaluator(uniform, false) : undefined,
    cost: 0.2 + costOf(outputs, []),
    kernels: new Map(),
  };
}

/** The number of vectors that are computed at a time: no more than may be read beyond the end of an operand. */
const vectors = 2;

const isNumber = (access: Access): boolean => access === Access.number;

function completionOf(expression: Expr, inputs: readonly Access[]): Completion {
  const numbers = inputs.filter(isNumber).length;
  const counts = { others: inputs.length - numbers - 1, numbers };
  const { i32 } = type;
  const parameters = [i32, i32, i32, i32, ...Array.from({ length: counts.others }, () => i32)];
  const emit = (assembler: Assembler, put: number) =>
    assembler.function(null, parameters, [], (code, args, c, rows, columns, ...others) => {
      const pointers = [c, ...others];
      const strides = [
        argument(code, args, "rowC"),
        ...others.map((_, i) => frame.load(code, args, "others", counts, i)),
      ];
      const [at, left] = [code.local(i32), code.local(i32)];
      const reads = readsOf(code, inputs, pointers, (k) => frame.load(code, args, "numbers", counts, k));
      const leaf = (input: number, u: number) => {
        const { access, row, local } = reads[input]!;
        if (access !== Access.dense) code.get(local);
        else
          code
            .get(row)
            .get(at)
            .op("i32Add")
            .at("v128Load", 16 * u);
      };
      const vector = new VectorExpression(code, [expression], (input) => !isNumber(inputs[input]!));
      vector.invariants(leaf);
      const finishRow = () => {
        for (const { access, row, local } of reads) {
          if (access === Access.single) code.get(row).at("v128Load32Splat").set(local);
        }
        code.i32(0).set(at);
        code.get(columns).set(left);
        until(
          code,
          () => code.get(left).i32(0).op("i32LeS"),
          () => {
            storeVectors(code, vector.each(leaf, vectors)[0]!, { c, at, left }, put);
            increase(code, at, 16 * vectors);
            increase(code, left, -4 * vectors);
          },
        );
      };
      until(
        code,
        () => code.get(rows).op("i32Eqz"),
        () => {
          finishRow();
          pointers.forEach((pointer, i) => {
            move(code, pointer, strides[i]!);
          });
          increase(code, rows, -1);
        },
      );
    });
  return { counts, emit };
}

/** How an input is read: elements of its row, or what is in all lanes of a variable. */
interface Read {
  readonly access: Access;
  readonly row: Local;
  readonly local: Local;
}

/** @param number loads one of the numbers */
function readsOf(
  code: Code,
  inputs: readonly Access[],
  rows: readonly Local[],
  number: (index: number) => Local,
): Read[] {
  let [nextRow, nextNumber] = [0, 0];
  return inputs.map((access) => {
    if (!isNumber(access)) return { access, row: rows[nextRow++]!, local: code.local(type.v128) };
    const local = number(nextNumber++);
    return { access, row: local, local };
  });
}

/** Writes vectors to a row, `at` bytes after its beginning. Only `left` elements of the row remain. */
function storeVectors(
  code: Code,
  results: readonly Local[],
  { c, at, left }: Readonly<Record<"c" | "at" | "left", Local>>,
  put: number,
): void {
  const address = () => code.get(c).get(at).op("i32Add");
  const whole = () => {
    results.forEach((result, u) => {
      address()
        .get(result)
        .at("v128Store", 16 * u);
    });
  };
  const part = () => {
    results.forEach((result, u) => {
      code.get(result);
      address()
        .i32(16 * u)
        .op("i32Add")
        .get(left)
        .i32(4 * u)
        .op("i32Sub");
      code.i32(4).i32(0).call(put);
    });
  };
  code
    .get(left)
    .i32(4 * vectors)
    .op("i32GeS")
    .if(whole, part);
}
