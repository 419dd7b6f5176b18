import type { Expr } from "@thalweg/kernels";
import { type Evaluator, evaluator, lower, type MapProgram } from "@thalweg/kernels";
import { Access, hoistUniform } from "../../access";
import { keyOf, maxAccesses, variantOf } from "../../variants";
import type { Assembler } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, until } from "../assembler/loops";
import { costOf } from "../runtime/cost";
import type { Kernel, Place, Runtime } from "../runtime/runtime";
import { canEmit, VectorExpression } from "../vector/expression";
import { argument, type Form, word } from "./form";
import { type Completion, productModule } from "./module";
import type { Product } from "./product";

/** The epilogue of one product. */
export interface Finish {
  /** Numbers among the operands, and expressions of them. */
  readonly numbers: readonly number[];
  /** Nanoseconds for one element, about. */
  readonly cost: number;
  /** The kernel that multiplies in a form and finishes, `name` being the one that only multiplies. */
  kernel(name: string, form: Form): Kernel;
}

interface Variant {
  readonly completion: Completion | null;
  readonly hoisted: Evaluator | undefined;
  readonly cost: number;
  readonly kernels: Map<string, Kernel>;
}

/** The epilogue, or null where there is no kernel for it: rows have to be dense. */
export function epilogueOf(
  runtime: Runtime,
  program: MapProgram,
  operands: readonly (Place | number)[],
  { c, others }: Product,
): Finish | null {
  if (c.step !== 4 || program.outputs.length !== 1 || operands.length >= maxAccesses) return null;
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

/** Vectors that are computed at a time: as many as may be read beyond the end of an operand. */
const vectors = 2;

/** Numbers come after the lines of the operands among the arguments. */
function completionOf(expression: Expr, inputs: readonly Access[]): Completion {
  const isNumber = (access: Access) => access === Access.number;
  const numbers = inputs.filter(isNumber).length;
  const others = inputs.length - numbers - 1;
  const { i32, v128 } = type;
  const emit = (assembler: Assembler, put: number) => {
    const parameters = [i32, i32, i32, i32, ...Array.from({ length: others }, () => i32)];
    return assembler.function(null, parameters, [], (code, args, c, rows, columns, ...pointers) => {
      const lines = [c, ...pointers];
      const strides = lines.map((_, i) => argument(code, args, i === 0 ? word.lineC : word.others + i - 1));
      const [at, left] = [code.local(i32), code.local(i32)];
      let next = 0;
      const reads = inputs.map((access, input) => {
        const local = code.local(v128);
        if (!isNumber(access)) return { access, line: lines[next++]!, local };
        const before = inputs.slice(0, input).filter(isNumber).length;
        code
          .get(args)
          .at("v128Load32Splat", 4 * (word.others + others + before))
          .set(local);
        return { access, line: local, local };
      });
      const vector = new VectorExpression(code, [expression], (input) => !isNumber(inputs[input]!));
      const leaf = (input: number, u: number) => {
        const { access, line, local } = reads[input]!;
        if (access === Access.dense)
          code
            .get(line)
            .get(at)
            .op("i32Add")
            .at("v128Load", 16 * u);
        else code.get(local);
      };
      vector.invariants(leaf);
      until(
        code,
        () => code.get(rows).op("i32Eqz"),
        () => {
          for (const { access, line, local } of reads) {
            if (access === Access.single) code.get(line).at("v128Load32Splat").set(local);
          }
          code.i32(0).set(at);
          code.get(columns).set(left);
          until(
            code,
            () => code.get(left).i32(0).op("i32LeS"),
            () => {
              const results = vector.each(leaf, vectors)[0]!;
              const address = () => code.get(c).get(at).op("i32Add");
              code
                .get(left)
                .i32(4 * vectors)
                .op("i32GeS")
                .if(
                  () => {
                    results.forEach((result, u) => {
                      address()
                        .get(result)
                        .at("v128Store", 16 * u);
                    });
                  },
                  () => {
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
                  },
                );
              increase(code, at, 16 * vectors);
              increase(code, left, -4 * vectors);
            },
          );
          lines.forEach((line, i) => {
            move(code, line, strides[i]!);
          });
          increase(code, rows, -1);
        },
      );
    });
  };
  return { others, words: others + numbers, emit };
}
