import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { Blocks, blockSize } from "./blocks";

describe("blockSize", () => {
  test.prop([fc.integer({ min: 0, max: 2 ** 30 })])(
    "holds the bytes and wastes at most a quarter",
    (bytes) => {
      const size = blockSize(bytes);
      expect(size % 64).toBe(0);
      expect(size).toBeGreaterThanOrEqual(bytes);
      expect(size).toBeLessThanOrEqual(Math.max(64, bytes * 1.25 + 64));
      expect(blockSize(size)).toBe(size);
    },
  );
});

describe("Blocks", () => {
  const request = fc.record({ bytes: fc.integer({ min: 1, max: 4000 }), drop: fc.nat(), drops: fc.nat(2) });

  test.prop([fc.array(request, { maxLength: 200 })])(
    "never overlap and never leave the range",
    (requests) => {
      const [start, end] = [128, 128 + 20_000];
      const blocks = new Blocks(start, end);
      const live: { address: number; size: number }[] = [];
      for (const { bytes, drop, drops } of requests) {
        const size = blockSize(bytes);
        const address = blocks.take(size);
        if (address >= 0) {
          expect(address).toBeGreaterThanOrEqual(start);
          expect(address + size).toBeLessThanOrEqual(end);
          for (const other of live) {
            expect(address + size <= other.address || other.address + other.size <= address).toBe(true);
          }
          live.push({ address, size });
        }
        for (let k = 0; k < drops && live.length > 0; k++) {
          const [gone] = live.splice(drop % live.length, 1);
          blocks.give(gone!.address, gone!.size);
        }
        expect(blocks.taken).toBe(live.reduce((sum, block) => sum + block.size, 0));
      }
      for (const { address, size } of live) blocks.give(address, size);
      expect(blocks.take(19_968)).toBeGreaterThanOrEqual(start);
    },
  );

  it("reuses the block that was freed last", () => {
    const blocks = new Blocks(0, 4096);
    const [a, b] = [blocks.take(512), blocks.take(512)];
    blocks.give(a, 512);
    blocks.give(b, 512);
    expect(blocks.take(512)).toBe(b);
    expect(blocks.take(512)).toBe(a);
  });

  it("returns -1 when there is no room", () => {
    const blocks = new Blocks(0, 1024);
    expect(blocks.take(1024)).toBe(0);
    expect(blocks.take(64)).toBe(-1);
  });
});
