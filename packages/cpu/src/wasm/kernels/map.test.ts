import { fc, test } from "@fast-check/vitest";
import { ExprPool, Layout, MapProgram, primitives } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { expressions } from "../../../../kernels/test/random-expr";
import { floats, type Laying, laying, layOut, Memory, runtime, writable } from "../../../test/linear-memory";
import { cpu } from "../../cpu";
import { map } from "./map";

const names = (Object.keys(primitives) as (keyof typeof primitives)[]).filter((n) => n !== "remainder");
const inputs = 3;

const recipes = expressions({
  inputs,
  unary: names.filter((n) => primitives[n].arity === 1) as Parameters<typeof expressions>[0]["unary"],
  binary: names.filter((n) => primitives[n].arity === 2) as Parameters<typeof expressions>[0]["binary"],
  constants: [0, -0, 1, -1, 2, 0.1, -3.3, 1e-30, Number.NaN, Number.POSITIVE_INFINITY],
});

const dense: Laying = { broadcast: [], order: 0, flip: [], gap: 0, offset: 0 };

const shapes = fc.oneof(
  fc.nat(40).map((n) => [n]),
  fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
  fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 5 })),
);

function check(
  program: MapProgram,
  shape: readonly number[],
  seed: number,
  outputs: readonly Laying[],
  operands: readonly (Laying | number)[],
): void {
  const memory = new Memory(seed);
  const put = (how: Laying, salt: number) => {
    const { layout, length } = layOut(shape, how);
    return memory.put(floats(length, seed + salt, salt % 2 === 0 ? 4 : 100), layout);
  };
  const reads = operands.map((how, i) => (typeof how === "number" ? how : put(how, i)));
  const writes = outputs.map((how, i) => put(writable(how), i));
  const done = map(
    runtime,
    program,
    writes.map(({ linear }) => linear),
    reads.map((read) => (typeof read === "number" ? read : read.linear)),
  );
  expect(done).toBe(true);
  cpu.map(
    program,
    writes.map(({ view }) => view),
    reads.map((read) => (typeof read === "number" ? read : read.view)),
  );
  expect(memory.differences()).toEqual([]);
}

describe("map", () => {
  test.prop([recipes, recipes, shapes, fc.nat(1e6), fc.array(laying, { minLength: 5, maxLength: 5 })], {
    numRuns: 120,
  })("has the bits of the JavaScript kernel, for all programs and strides", (f, g, shape, seed, hows) => {
    const pool = new ExprPool();
    const roots = seed % 2 === 0 ? [f.build(pool)] : [f.build(pool), g.build(pool)];
    const operands = hows
      .slice(0, inputs)
      .map((how, i) => ((seed >> i) % 5 === 0 ? floats(1, seed)[0]! : how));
    check(
      new MapProgram("random", inputs, roots),
      shape,
      seed,
      hows.slice(inputs, inputs + roots.length),
      operands,
    );
  });

  describe.each(names)("%s", (name) => {
    it("has the bits of the JavaScript kernel", () => {
      const { arity } = primitives[name];
      const pool = new ExprPool();
      const args = Array.from({ length: arity }, (_, i) => pool.input(i));
      const program = new MapProgram(name, arity, [pool.node(primitives[name], args)]);
      for (const seed of [0, 1, 2])
        check(
          program,
          [999],
          seed,
          [dense],
          args.map(() => dense),
        );
    });
  });

  const add = () => {
    const pool = new ExprPool();
    return new MapProgram("add", 2, [pool.input(0).add(pool.input(1)), pool.input(0).sub(pool.input(1))]);
  };

  it("cuts long rows into items", () => {
    for (const n of [8192, 8193, 20_001]) check(add(), [n], n, [dense, dense], [dense, dense]);
    check(add(), [3, 9001], 5, [dense, dense], [dense, { ...dense, broadcast: [false, true] }]);
  });

  test.prop([fc.nat(70), fc.nat(1000)])("may write to its inputs", (n, seed) => {
    const memory = new Memory(seed);
    const [a, b] = [memory.put(floats(n, seed)), memory.put(floats(n, seed + 1))];
    const program = add();
    expect(map(runtime, program, [a.linear, b.linear], [a.linear, b.linear])).toBe(true);
    cpu.map(program, [a.view, b.view], [a.view, b.view]);
    expect(memory.differences()).toEqual([]);
  });

  it("returns false for steps that vectors cannot do", () => {
    const pool = new ExprPool();
    const program = new MapProgram("rest", 1, [pool.input(0).remainder(3)]);
    const { linear } = new Memory(0).put(floats(4, 1), Layout.contiguous([4]));
    expect(map(runtime, program, [linear], [linear])).toBe(false);
  });
});
