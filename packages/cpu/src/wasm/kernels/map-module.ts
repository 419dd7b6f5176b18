import { type Expr, intInputs } from "@thalweg/kernels";
import { Access } from "../../access";
import { Assembler, type Code, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, smaller, until } from "../assembler/loops";
import { Frame } from "../runtime/frame";
import { Cursor } from "../vector/cursor";
import { type Leaf, VectorExpression } from "../vector/expression";

/** The largest number of instructions for which four vectors in step have enough registers. */
const maxUnrolledWeight = 64;

/** The expressions of a loop over elements, and the cursors that write the outputs and read the inputs. */
export interface Elements {
  readonly vector: VectorExpression;
  readonly leaf: Leaf;
  readonly writes: readonly Cursor[];
  readonly reads: readonly Cursor[];
}

/** Emits a loop over `count` elements, up to four vectors at a time. It counts `count` down. */
export function mapElements(code: Code, { vector, leaf, writes, reads }: Elements, count: Local): void {
  const cursors = [...writes, ...reads];
  const advance = (vectors: number) => {
    for (const cursor of cursors) cursor.advance(vectors);
    increase(code, count, -4 * vectors);
  };
  const unroll = vector.weight <= maxUnrolledWeight ? 4 : 2;
  vector.invariants(leaf);
  until(
    code,
    () =>
      code
        .get(count)
        .i32(4 * unroll)
        .op("i32LtS"),
    () => {
      const results = vector.each(leaf, unroll);
      writes.forEach((write, k) => {
        results[k]!.forEach((result, u) => {
          write.store(result, u);
        });
      });
      advance(unroll);
    },
  );
  until(
    code,
    () => code.get(count).i32(0).op("i32LeS"),
    () => {
      const few = (body: () => void, otherwise?: () => void) =>
        code.get(count).i32(4).op("i32LtS").if(body, otherwise);
      few(() => {
        for (const cursor of cursors) cursor.limit(count);
      });
      const results = vector.each(leaf);
      const each = (store: (write: Cursor, result: Local) => void) => () => {
        writes.forEach((write, k) => {
          store(write, results[k]![0]!);
        });
      };
      few(
        each((write, result) => write.storePart(result, count)),
        each((write, result) => write.store(result)),
      );
      advance(1);
    },
  );
}

/**
 * `chunk` is the number of elements of an item, `numbers` and `whole` are the plain numbers that are floats and ints,
 * and `steps` the bytes from one element of an operand to the next. `left` counts the remaining elements of a row.
 */
export const mapFrame = new Frame({
  chunk: "integer",
  numbers: "floats",
  whole: "integers",
  steps: "integers",
  items: { left: "integer", operands: "integers" },
});

/**
 * The module of a map.
 *
 * @param inputs how the inputs of the expressions are read
 */
export function mapModule(
  expressions: readonly Expr[],
  outputs: readonly Access[],
  inputs: readonly Access[],
): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const views = [...outputs, ...inputs.filter((access) => access !== Access.number)];
    const ints = intInputs(expressions);
    const isNumber = (input: number) => inputs[input] === Access.number;
    const given = inputs.map((_, input) => input).filter(isNumber);
    const whole = given.filter((input) => ints.has(input));
    const floats = given.filter((input) => !ints.has(input));
    const frame = mapFrame.read(code, args, {
      steps: views.length,
      operands: views.length,
      numbers: floats.length,
      whole: whole.length,
    });
    const { chunk, steps, items } = frame;
    const cursors = views.map((access, k) => new Cursor(code, access, steps[k]!));
    const writes = cursors.slice(0, outputs.length);
    let next = outputs.length;
    const reads = inputs.map((access) => (access === Access.number ? undefined : cursors[next++]));
    const varies = (input: number) => inputs[input]! >= Access.dense;
    const vector = new VectorExpression(code, expressions, varies);
    const leaf = (input: number, u: number) => {
      if (whole.includes(input)) code.get(frame.whole[whole.indexOf(input)]!).op("i32x4Splat");
      else if (isNumber(input)) code.get(frame.numbers[floats.indexOf(input)]!);
      else reads[input]!.load(u);
    };
    const count = code.local(type.i32);
    items.walk(from, to, ({ left, operands }) => {
      smaller(code, left, chunk);
      code.set(count);
      cursors.forEach((cursor, k) => {
        cursor.start(operands[k]!);
      });
      mapElements(code, { vector, leaf, writes, reads: cursors.slice(outputs.length) }, count);
    });
  });
  return assembler;
}
