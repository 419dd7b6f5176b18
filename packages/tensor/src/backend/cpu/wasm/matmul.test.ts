import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  floats,
  type Laying,
  laying,
  layOut,
  Memory,
  runtime,
  writable,
} from "../../../../test/linear-memory";
import { matmul as reference } from "../js/matmul";
import { matmul } from "./matmul";

const dense: Laying = { broadcast: [], order: 0, flip: [], gap: 0, offset: 0 };

const last: Laying = { ...dense, broadcast: [true] };

/** Dense matrices, transposed ones, and any. */
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
}

const cases: fc.Arbitrary<Case> = fc.record({
  batch,
  sizes: fc.tuple(extent, depth, extent),
  hows: fc.tuple(operand, operand, operand),
  seed: fc.nat(1e6),
});

/** Sizes of a batch are halved for every dimension, to keep tests short. */
function check({ batch, sizes, hows, seed }: Case): void {
  const [m, k, n] = sizes.map((size) => size >> batch.length) as [number, number, number];
  const memory = new Memory(seed);
  const put = (shape: readonly number[], how: Laying, salt: number) => {
    const { layout, length } = layOut([...batch, ...shape], how);
    return memory.put(floats(length, seed + salt), layout);
  };
  const a = put([m, k], hows[0]!, 0);
  const b = put([k, n], hows[1]!, 1);
  const out = put([m, n], writable(hows[2]!), 2);
  expect(matmul(runtime, out.place, a.place, b.place)).toBe(true);
  reference(out.view, a.view, b.view);
  const { is, expected } = memory.compare();
  expect(is).toEqual(expected);
}

describe("matmul", () => {
  test.prop([cases], { numRuns: 200 })(
    "gives the bits of the JavaScript kernel, for all sizes and strides",
    check,
  );

  test.prop([cases, fc.integer({ min: 1, max: 4 }), fc.boolean()], { numRuns: 100 })(
    "gives them for few rows or columns",
    (it, few, rows) => {
      const [m, k, n] = it.sizes;
      check({ ...it, sizes: rows ? [few, k, n] : [m, k, few] });
    },
  );

  test.prop([cases], { numRuns: 50 })("gives them where a batch shares a matrix", (it) => {
    check({ ...it, batch: [3], hows: [it.hows[0]!, last, dense] });
  });
});
