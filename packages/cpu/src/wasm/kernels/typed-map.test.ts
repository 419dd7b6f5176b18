import { fc, test } from "@fast-check/vitest";
import {
  copyProgram,
  type DType,
  DTypeError,
  dtypeOf,
  ExprPool,
  elementTypes,
  lower,
  MapProgram,
  primitives,
  type TypedMap,
  typedMap,
} from "@thalweg/kernels";
import { describe, expect } from "vitest";
import { expressions, type Recipe } from "../../../../kernels/test/random-expr";
import {
  elements,
  type Laying,
  laying,
  layOut,
  Memory,
  runtime,
  type Twin,
  writable,
} from "../../../test/linear-memory";
import { cpu } from "../../cpu";
import { setCodeGeneration } from "../../js/generate";
import { arrayOf } from "../../storage";
import { canEmit } from "../vector/expression";
import { copyTransposed } from "./copy";
import { map } from "./map";

const names = Object.keys(primitives) as (keyof typeof primitives)[];
const inputs = 3;

const constants = [
  0,
  -0,
  1,
  -1,
  2,
  0.1,
  -3.3,
  2 ** 24 + 1,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 31,
  Number.NaN,
  1e30,
];

/** Any expression that kernels may have to compute. */
const everything = expressions({
  inputs,
  unary: names.filter((n) => primitives[n].arity === 1) as Parameters<typeof expressions>[0]["unary"],
  binary: names.filter((n) => primitives[n].arity === 2) as Parameters<typeof expressions>[0]["binary"],
  constants,
});

/** What is computed in ints, where the operands are such. */
const arithmetic = expressions({
  inputs,
  unary: ["neg", "abs", "sign", "round"],
  binary: ["add", "sub", "mul", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge"],
  constants: constants.filter((value) => (value | 0) === value),
});

const recipes = fc.oneof(everything, arithmetic);

const dtypes = fc.constantFrom<DType>("float32", "int32", "bool");

const shapes = fc.oneof(
  fc.nat(40).map((n) => [n]),
  fc.integer({ min: 8190, max: 20_000 }).map((n) => [n]),
  fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
  fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 5 })),
);

/** What an input is: a number, or elements that lie in some way. */
const operands = fc.record({
  dtype: dtypes,
  number: fc.option(fc.constantFrom(0, -0, 1, -2, 7, 0.1, 2 ** 24 + 1, -(2 ** 31), 2 ** 31), { freq: 3 }),
  laid: laying,
});

const results = fc.record({ wanted: fc.option(dtypes), laid: laying });

/** The program for these types, or null where there is none, as for differences of conditions. */
function typed(
  recipe: Recipe[],
  kinds: readonly DType[],
  wanted: readonly (DType | null)[],
): TypedMap | null {
  const pool = new ExprPool();
  const program = new MapProgram(
    "random",
    inputs,
    recipe.map((one) => one.build(pool)),
  );
  try {
    return typedMap(
      program,
      kinds.map((dtype) => elementTypes[dtype].kind),
      wanted.map((dtype) => (dtype === null ? undefined : elementTypes[dtype].kind)),
    );
  } catch (error) {
    if (error instanceof DTypeError) return null;
    throw error;
  }
}

/** Operands in linear memory, of one shape. */
function laidOut(memory: Memory, shape: readonly number[], seed: number) {
  return (dtype: DType, how: Laying, salt: number): Twin => {
    const { layout, length } = layOut(shape, how);
    return memory.put(elements(dtype, length, seed + salt, salt % 2 === 0 ? 4 : 1e10), layout, dtype);
  };
}

const numberType = (value: number): DType => ((value | 0) === value ? "int32" : "float32");

describe("a map of several element types", () => {
  test.prop(
    [
      fc.array(recipes, { minLength: 1, maxLength: 2 }),
      fc.array(operands, { minLength: inputs, maxLength: inputs }),
      fc.array(results, { minLength: 2, maxLength: 2 }),
      shapes,
      fc.nat(1e6),
    ],
    { numRuns: 250 },
  )(
    "gives the bits of the JavaScript kernel, and of the interpreter",
    (trees, reads, writes, shape, seed) => {
      const kinds = reads.map(({ dtype, number }) => (number === null ? dtype : numberType(number)));
      const wanted = writes.slice(0, trees.length).map((write) => write.wanted);
      const found = typed(trees, kinds, wanted);
      fc.pre(found !== null);
      const { program, kinds: resultKinds } = found!;
      const memory = new Memory(seed);
      const put = laidOut(memory, shape, seed);
      const from = reads.map(({ number, dtype, laid }, i) => number ?? put(dtype, laid, i));
      const to = resultKinds.map((kind, k) => put(dtypeOf(kind, "float32"), writable(writes[k]!.laid), k));
      const views = from.map((operand) => (typeof operand === "number" ? operand : operand.view));
      const outputs = to.map(({ view }) => view);
      const done = map(
        runtime,
        program,
        to.map(({ linear }) => linear),
        from.map((operand) => (typeof operand === "number" ? operand : operand.linear)),
      );
      expect(done || !canEmit(lower(program.outputs))).toBe(true);
      cpu.map(program, outputs, views);
      if (done) expect(memory.differences()).toEqual([]);
      const computed = outputs.map((out) => cpu.readSync(out));
      resultKinds.forEach((kind, k) => {
        if (kind === "bool") expect(computed[k]!.every((x) => x === 0 || x === 1)).toBe(true);
      });
      if (computed[0]!.length > 500) return;
      const before = setCodeGeneration(false);
      cpu.map(program, outputs, views);
      setCodeGeneration(before);
      expect(outputs.map((out) => cpu.readSync(out))).toEqual(computed);
    },
  );
});

describe("a copy to elements of another type", () => {
  const ways = fc.oneof(
    fc.nat(23).map((order): Laying => ({ broadcast: [], order, flip: [], gap: 0, offset: 0 })),
    laying,
  );

  test.prop([dtypes, dtypes, shapes, ways, ways, fc.nat(1e6)], { numRuns: 300 })(
    "gives the bits of the JavaScript kernel",
    (source, target, shape, read, write, seed) => {
      const memory = new Memory(seed);
      const put = laidOut(memory, shape, seed);
      const [from, to] = [put(source, read, 1), put(target, writable(write), 0)];
      const program = copyProgram(source, target);
      const transposed = program.copies && copyTransposed(runtime, to.linear, from.linear);
      expect(transposed || map(runtime, program, [to.linear], [from.linear])).toBe(true);
      cpu.map(program, [to.view], [from.view]);
      expect(memory.differences()).toEqual([]);
      if (source === target || target === "float32") return;
      const is = arrayOf(to.view);
      if (target === "bool") expect([...cpu.readSync(to.view)].every((x) => x === 0 || x === 1)).toBe(true);
      expect(is).toBeInstanceOf(Int32Array);
    },
  );
});
