import { fc, test } from "@fast-check/vitest";
import type { Expr } from "@thalweg/kernels";
import {
  type Combine,
  type DType,
  dtypeOf,
  elementTypes,
  ReduceProgram,
  trace,
  typedReduction,
} from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import {
  elements,
  floats,
  type Laying,
  laying,
  layOut,
  Memory,
  runtime,
  writable,
} from "../../../test/linear-memory";
import { cpu } from "../../cpu";
import { reduce } from "./reduce";

const same = trace(1, (x) => x);
const finishes: Record<string, Expr> = {
  itself: trace(2, (value) => value),
  mean: trace(2, (value, count) => value.div(count)),
  positive: trace(2, (value) => value.gt(0)),
  root: trace(2, (value, count) => value.div(count).abs().add(1e-5).sqrt().reciprocal()),
};

const programs = (["sum", "prod", "max", "min", "fmax"] as const).flatMap((combine: Combine) => [
  ...Object.entries(finishes).map(
    ([name, f]) => new ReduceProgram(`${combine} ${name}`, combine, 1, same, f),
  ),
  new ReduceProgram(
    `${combine} x y`,
    combine,
    2,
    trace(2, (x, y) => x.mul(y)),
    finishes.itself!,
  ),
  new ReduceProgram(
    `${combine} nonzero`,
    combine,
    1,
    trace(1, (x) => x.ne(0)),
    finishes.itself!,
  ),
  new ReduceProgram(
    `${combine} exp`,
    combine,
    2,
    trace(2, (x, y) => x.sub(y).exp()),
    finishes.itself!,
  ),
  new ReduceProgram(
    `${combine} of ones`,
    combine,
    1,
    trace(1, (x) => x.pool.constant(1)),
    finishes.itself!,
  ),
]);

function check(
  program: ReduceProgram,
  shape: readonly number[],
  dims: readonly number[],
  seed: number,
  out: Laying,
  hows: readonly Laying[],
  dtypes: readonly DType[] = ["float32", "float32"],
  result: DType = "float32",
): void {
  const memory = new Memory(seed);
  // Products stay in range near 1.
  const range = program.combine === "prod" ? 1.5 : 4;
  const inputs = hows.slice(0, program.inputs).map((how, i) => {
    const { layout, length } = layOut(shape, how);
    return memory.put(elements(dtypes[i]!, length, seed + i, range), layout, dtypes[i]);
  });
  const kept = layOut(
    shape.map((extent, d) => (dims.includes(d) ? 1 : extent)),
    writable(out),
  );
  const target = memory.put(elements(result, kept.length, seed), kept.layout, result);
  const places = inputs.map(({ linear }) => linear);
  expect(reduce(runtime, program, target.linear, places, dims)).toBe(true);
  cpu.reduce(
    program,
    target.view,
    inputs.map(({ view }) => view),
    dims,
  );
  expect(memory.differences()).toEqual([]);
}

const dense: Laying = { broadcast: [], order: 0, flip: [], gap: 0, offset: 0 };

const shapes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
  fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })),
  fc.tuple(fc.constantFrom(255, 256, 257, 300, 1027), fc.integer({ min: 1, max: 20 })),
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(255, 256, 257, 1024, 1300)),
  fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 30, max: 90 })),
);

describe.each(programs)("$name", (program) => {
  test.prop(
    [shapes, fc.integer({ min: 1, max: 15 }), fc.nat(1e6), fc.array(laying, { minLength: 3, maxLength: 3 })],
    { numRuns: 60 },
  )(
    "has the bits of the JavaScript kernel, for all dims and strides",
    (shape, which, seed, [out, ...hows]) => {
      const dims = shape.map((_, d) => d).filter((d) => (which >> d) % 2 === 1);
      check(program, shape, dims, seed, out!, hows);
    },
  );
});

const dtype = fc.constantFrom<DType>("float32", "int32", "bool");

describe.each(programs.filter(({ name }) => !/mean|root|exp|ones/.test(name)))("typed $name", (program) => {
  test.prop(
    [
      shapes,
      fc.integer({ min: 1, max: 15 }),
      fc.nat(1e6),
      fc.array(laying, { minLength: 3, maxLength: 3 }),
      fc.tuple(dtype, dtype),
    ],
    { numRuns: 60 },
  )("gives the bits of the JavaScript kernel", (shape, which, seed, [out, ...hows], types) => {
    const dims = shape.map((_, d) => d).filter((d) => (which >> d) % 2 === 1);
    const kinds = types.slice(0, program.inputs).map((type) => elementTypes[type].kind);
    const typed = typedReduction(program, kinds);
    const result = dtypeOf(typed.kind, "float32");
    check(typed.program, shape, dims, seed, out!, hows, types, result);
  });
});

describe("reduce", () => {
  it("cuts long rows and columns in pieces", () => {
    for (const program of programs.filter(({ name }) => /sum|max mean/.test(name))) {
      check(program, [40_007], [0], 1, dense, [dense, dense]);
      check(program, [2, 50_000], [1], 2, dense, [dense, dense]);
      check(program, [20_001, 3], [0], 3, dense, [dense, dense]);
      check(program, [2, 2500, 17], [1], 4, dense, [dense, dense]);
    }
  });

  it("cuts long rows and columns of ints in pieces", () => {
    for (const program of programs.filter(({ name }) => /itself|positive/.test(name))) {
      for (const type of ["int32", "bool"] as const) {
        const { program: typed, kind } = typedReduction(program, [elementTypes[type].kind]);
        const run = (shape: readonly number[], dim: number) =>
          check(typed, shape, [dim], 5, dense, [dense], [type], dtypeOf(kind, "float32"));
        run([40_007], 0);
        run([2, 50_000], 1);
        run([20_001, 3], 0);
        run([2, 2500, 17], 1);
      }
    }
  });

  it("leaves to others what is empty, and what vectors cannot do", () => {
    const rest = new ReduceProgram(
      "rest",
      "sum",
      1,
      trace(1, (x) => x.remainder(2)),
      finishes.itself!,
    );
    const log = new ReduceProgram(
      "log",
      "sum",
      1,
      same,
      trace(2, (value) => value.log()),
    );
    const { linear } = new Memory(0).put(floats(4, 1));
    const mean = typedReduction(programs.find(({ name }) => name === "sum mean")!, ["int"]).program;
    for (const program of [rest, log, mean])
      expect(reduce(runtime, program, linear, [linear], [0])).toBe(false);
    const none = layOut([0, 3], dense).layout;
    const { address } = linear;
    expect(reduce(runtime, programs[0]!, linear, [{ address, layout: none }], [0])).toBe(false);
  });
});
