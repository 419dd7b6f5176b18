import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { threefry } from "./threefry";

function words(key: readonly [number, number], count: readonly [number, number]): string {
  const out = new Uint32Array(2);
  threefry(key[0] | 0, key[1] | 0, count[0] | 0, count[1] | 0, out);
  return [...out].map((word) => word.toString(16).padStart(8, "0")).join(" ");
}

describe("threefry with 2x32 bits and 20 rounds", () => {
  // The known-answer vectors of Random123.
  it.each([
    [[0, 0], [0, 0], "6b200159 99ba4efe"],
    [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], "1cb996fc bb002be7"],
    [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], "c4923a9c 483df7a0"],
  ] as const)("maps key %o and counter %o to %s", (key, count, answer) => {
    expect(words(key, count)).toBe(answer);
  });

  const word = fc.nat({ max: 0xffffffff });
  const pair = fc.tuple(word, word);

  test.prop([pair, pair, pair])("never maps two counters of one key to the same words", (key, a, b) => {
    if (a.join() !== b.join()) expect(words(key, a)).not.toBe(words(key, b));
  });

  test.prop([pair, pair, fc.nat({ max: 63 })])(
    "changes about half of its bits when one bit of the input changes",
    (key, count, bit) => {
      const flipped = count.with(bit >> 5, count[bit >> 5]! ^ (1 << (bit & 31))) as [number, number];
      const [a, b] = [words(key, count), words(key, flipped)].map((text) =>
        BigInt(`0x${text.replace(" ", "")}`),
      );
      const different = (a! ^ b!).toString(2).replaceAll("0", "").length;
      // 64 fair coins stay within this range with a probability of 1 - 1e-8.
      expect(different).toBeGreaterThan(9);
      expect(different).toBeLessThan(55);
    },
  );
});
