import { fc, test } from "@fast-check/vitest";
import { MapProgram, newTier } from "@thalweg/kernels";
import { expect, it } from "vitest";
import type { Access } from "./access";
import { keyOf, maxAccesses, readKey, variantOf } from "./variants";

const access = fc.constantFrom<Access>(0, 1, 2, 3);

test.prop([fc.constantFrom(0, 1), fc.array(access, { maxLength: maxAccesses })])(
  "a key can be decoded",
  (start, accesses) => {
    expect(readKey(keyOf(accesses, start), accesses.length)).toEqual({ start, accesses });
  },
);

it("the largest key is an exact integer", () => {
  const largest = keyOf(
    Array.from({ length: maxAccesses }, () => 3 as const),
    1,
  );
  expect(largest).toBe(Number.MAX_SAFE_INTEGER);
});

it("a variant is made once for each program, tier and key, even if it is null", () => {
  const [a, b] = [new MapProgram("a", 0, []), new MapProgram("b", 0, [])];
  const [first, second] = [newTier(), newTier()];
  const made: string[] = [];
  const ask = (program: MapProgram, tier: number, key: number) =>
    variantOf(program, tier, key, ({ name }, asked) => {
      made.push(`${name} ${tier - first} ${asked}`);
      return null;
    });
  for (let i = 0; i < 2; i++) {
    for (const program of [a, b]) for (const tier of [first, second]) ask(program, tier, 5);
    ask(a, first, 6);
  }
  expect(made).toEqual(["a 0 5", "a 1 5", "b 0 5", "b 1 5", "a 0 6"]);
});
