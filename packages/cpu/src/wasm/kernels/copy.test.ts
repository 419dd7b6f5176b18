import { fc, test } from "@fast-check/vitest";
import { Layout } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { floats, type Laying, laying, layOut, Memory, runtime, writable } from "../../../test/linear-memory";
import { arrayOf } from "../../storage";
import { copyTransposed } from "./copy";

const dense: Laying = { broadcast: [], order: 0, flip: [], gap: 0, offset: 0 };

/** Compares the memory after a copy, and returns whether there was a kernel for it. */
function check(shape: readonly number[], to: Laying, from: Laying, seed: number): boolean {
  const memory = new Memory(seed);
  const put = (how: Laying, salt: number) => {
    const { layout, length } = layOut(shape, how);
    return memory.put(floats(length, seed + salt), layout);
  };
  const out = put(writable(to), 0);
  const input = put(from, 1);
  const done = copyTransposed(runtime, out.linear, input.linear);
  const expected = arrayOf(out.view);
  const walk = (index: readonly number[]): void => {
    const extent = shape[index.length];
    if (extent === undefined)
      expected[out.view.layout.at(index)] = arrayOf(input.view)[input.view.layout.at(index)]!;
    else for (let i = 0; i < extent; i++) walk([...index, i]);
  };
  if (done) walk([]);
  expect(memory.differences()).toEqual([]);
  return done;
}

const operand = fc.oneof(
  fc.nat(23).map((order) => ({ ...dense, order })),
  laying,
);

describe("copyTransposed", () => {
  test.prop([fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }), operand, operand, fc.nat(1e6)], {
    numRuns: 200,
  })("copies operands with any strides, or leaves them alone", (shape, to, from, seed) => {
    check(shape, to, from, seed);
  });

  test.prop([fc.integer({ min: 4, max: 200 }), fc.integer({ min: 4, max: 200 }), fc.nat(1e6)], {
    numRuns: 50,
  })("copies the transpose of a matrix", (rows, columns, seed) => {
    expect(check([rows, columns], dense, { ...dense, order: 1 }, seed)).toBe(rows > 1 && columns > 1);
  });

  it("does not copy operands whose neighbours are along the same dimension", () => {
    const place = { address: 0, layout: new Layout([8, 8], [16, 1]) };
    expect(copyTransposed(runtime, place, place)).toBe(false);
  });
});
