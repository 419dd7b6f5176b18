import { fc, test } from "@fast-check/vitest";
import { type DType, ExprPool, MapProgram } from "@thalweg/kernels";
import { describe, expect } from "vitest";
import { expressions } from "../../../../kernels/test/random-expr";
import {
  elements,
  type Laying,
  laying,
  layOut,
  Memory,
  runtime,
  writable,
} from "../../../test/linear-memory";
import { cpu } from "../../cpu";
import { matmul as reference } from "../../js/matmul";
import { matmul } from "./matmul";

const dense: Laying = { broadcast: [], order: 0, flip: [], gap: 0, offset: 0 };

const last: Laying = { ...dense, broadcast: [true] };

/** Dense matrices, transposed ones, and matrices with any strides. */
const operand = fc.oneof(
  fc.constant(dense),
  fc.nat(23).map((order) => ({ ...dense, order })),
  laying,
);
const extent = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 70 }));
const depth = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.nat(70), fc.nat(600));
const batch = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 });

interface Case {
  readonly batch: readonly number[];
  readonly sizes: readonly [m: number, k: number, n: number];
  readonly hows: readonly Laying[];
  readonly seed: number;
  readonly dtype: DType;
}

const cases: fc.Arbitrary<Case> = fc.record({
  batch,
  sizes: fc.tuple(extent, depth, extent),
  hows: fc.tuple(operand, operand, operand),
  seed: fc.nat(1e6),
  dtype: fc.constantFrom<DType>("float32", "float32", "int32"),
});

/** A program of the product and further operands, which are numbers or have its shape. */
interface Finishing {
  readonly program: MapProgram;
  readonly operands: readonly (Laying | number)[];
}

/**
 * Compares the kernel with the JavaScript one, and returns whether there was a kernel. Every dimension of the batch halves
 * the sizes, to keep tests short.
 */
function check({ batch, sizes, hows, seed, dtype }: Case, finishing?: Finishing): boolean {
  const [m, k, n] = sizes.map((size) => size >> batch.length) as [number, number, number];
  const memory = new Memory(seed);
  const put = (shape: readonly number[], how: Laying, salt: number) => {
    const { layout, length } = layOut([...batch, ...shape], how);
    return memory.put(elements(dtype, length, seed + salt), layout);
  };
  const a = put([m, k], hows[0]!, 0);
  const b = put([k, n], hows[1]!, 1);
  const out = put([m, n], writable(hows[2]!), 2);
  const twins = finishing?.operands.map((how, i) =>
    typeof how === "number" ? how : put([m, n], how, 3 + i),
  );
  const places = twins?.map((twin) => (typeof twin === "number" ? twin : twin.linear)) ?? [];
  const epilogue = finishing && { program: finishing.program, operands: places };
  const done = matmul(runtime, out.linear, a.linear, b.linear, epilogue);
  if (done) {
    reference(out.view, a.view, b.view);
    const views = twins?.map((twin) => (typeof twin === "number" ? twin : twin.view));
    if (finishing && views) cpu.map(finishing.program, [out.view], [out.view, ...views]);
  }
  expect(memory.differences()).toEqual([]);
  return done;
}

const recipes = expressions({
  inputs: 3,
  unary: ["neg", "exp", "tanh", "abs", "sqrt"],
  binary: ["add", "sub", "mul", "div", "maximum", "gt"],
  constants: [0, 1, -0.5, 3.3],
});

const rowVector: Laying = { ...dense, broadcast: [true, false] };

describe("matmul", () => {
  test.prop([cases], { numRuns: 200 })(
    "has the bits of the JavaScript kernel, for all sizes and strides",
    (it) => {
      expect(check(it)).toBe(true);
    },
  );

  test.prop([cases, fc.integer({ min: 1, max: 4 }), fc.boolean()], { numRuns: 100 })(
    "has the bits of the JavaScript kernel, for few rows or columns",
    (it, few, rows) => {
      const [m, k, n] = it.sizes;
      const done = check({ ...it, sizes: rows ? [few, k, n] : [m, k, few] });
      expect(done).toBe(true);
    },
  );

  test.prop([cases], { numRuns: 50 })(
    "has the bits of the JavaScript kernel, for a batch that shares a matrix",
    (it) => {
      check({ ...it, batch: [3], hows: [it.hows[0]!, last, dense] });
    },
  );

  const finishing = fc.oneof(laying, fc.constant(dense), fc.constant(rowVector), fc.double({ noNaN: true }));

  test.prop([cases, recipes, fc.tuple(finishing, finishing)], { numRuns: 150 })(
    "finishes with the bits of a separate map, or does nothing",
    (it, recipe, operands) => {
      const program = new MapProgram("random", 3, [recipe.build(new ExprPool())]);
      check({ ...it, dtype: "float32" }, { program, operands });
    },
  );

  test.prop([cases, finishing], { numRuns: 50 })(
    "finishes dense rows with a bias and an activation",
    (it, how) => {
      const pool = new ExprPool();
      const program = new MapProgram("biased", 2, [pool.input(0).add(pool.input(1)).maximum(0)]);
      const operands = [typeof how === "number" ? how : rowVector];
      expect(
        check(
          { ...it, batch: [], hows: [it.hows[0]!, it.hows[1]!, dense], dtype: "float32" },
          { program, operands },
        ),
      ).toBe(true);
    },
  );
});
