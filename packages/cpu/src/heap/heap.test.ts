import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { LinearMemory } from "../wasm/runtime/linear-memory";
import { findCollector } from "./collector";
import { type Cell, Heap } from "./heap";

const pages = 4;
const heapOf = (budget: number) => new Heap(new LinearMemory(1, pages, false), 1024, budget);

describe("Heap", () => {
  const command = fc.record({
    what: fc.constantFrom("allocate", "use", "read", "write", "release"),
    size: fc.integer({ min: 1, max: 12_000 }),
    which: fc.nat(),
  });

  test.prop([fc.array(command, { maxLength: 150 }), fc.integer({ min: 60_000, max: 2 ** 18 })])(
    "keeps the elements of cells, wherever they move, within its budget",
    (commands, budget) => {
      const heap = heapOf(budget);
      const live: { cell: Cell; value: number }[] = [];
      let next = 1;
      for (const { what, size, which } of commands) {
        heap.begin();
        const at = which % Math.max(1, live.length);
        const one = live[at];
        if (what === "allocate") {
          const cell = heap.allocate(size);
          if (cell === null) continue;
          cell.array.fill(next);
          live.push({ cell, value: next++ });
        } else if (one !== undefined) {
          if (what === "use") heap.use(one.cell, one);
          if (what === "read") expect(one.cell.array.every((x) => x === one.value)).toBe(true);
          if (what === "write") one.cell.array.fill((one.value = next++));
          if (what === "release") {
            one.cell.release();
            live.splice(at, 1);
          }
        }
        if (heap.counts.returns === 0) expect(heap.bytes).toBeLessThanOrEqual(budget);
      }
      for (const { cell, value } of live) {
        expect(cell.array.length).toBe(cell.size);
        expect(cell.array.every((x) => x === value)).toBe(true);
      }
    },
  );

  it("writes back cells that were not used for a turn, and keeps those in use", () => {
    const heap = heapOf(40_000);
    const hot = heap.allocate(2048)!;
    for (let i = 0; i < 20; i++) {
      heap.begin();
      heap.use(hot, {});
      heap.allocate(2048);
    }
    expect(hot.address).toBeGreaterThan(0);
    expect(heap.counts.writeBacks).toBeGreaterThan(10);
  });

  it("does not move cells of the current kernel, and returns null when there is no room", () => {
    const heap = heapOf(2 ** 30);
    heap.begin();
    const cells = Array.from({ length: 7 }, () => heap.allocate(8192)!);
    for (const cell of cells) heap.use(cell, {});
    expect(heap.allocate(8192)).toBeNull();
    heap.begin();
    expect(heap.allocate(8192)).not.toBeNull();
  });

  it("refuses to read a freed cell", () => {
    const cell = heapOf(2 ** 16).allocate(100)!;
    cell.release();
    expect(() => cell.array).toThrow("internal: a tensor was used after its memory was freed");
  });

  it("frees cells whose owners are collected", async () => {
    const heap = heapOf(2 ** 17);
    const held = heap.allocate(1000)!;
    (() => {
      for (let i = 0; i < 10; i++) heap.watch({}, heap.allocate(1000)!);
    })();
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    for (let i = 0; i < 20 && heap.bytes > 8192; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(heap.bytes).toBeLessThanOrEqual(8192);
    expect(heap.counts.writeBacks).toBe(0);
    expect(held.address).toBeGreaterThan(0);
  });

  const megabytes = (count: number) => count * 2 ** 20;
  const large = () => new LinearMemory(1, 1024, false);

  it("asks the collector in the middle of a job, and does not write dead cells back", () => {
    const heap = new Heap(large(), 1024, megabytes(60), findCollector);
    const [held, owner] = [heap.allocate(1000)!, {}];
    heap.watch(owner, held);
    held.array.fill(7);
    for (let i = 0; i < 45; i++) {
      heap.begin();
      heap.watch({}, heap.allocate(2 ** 20)!);
    }
    // Cells from before the budget was reached have no reference to their owner. Without asking, 31 are written back.
    expect(heap.counts.writeBacks).toBeLessThan(20);
    expect(held.array.every((x) => x === 7)).toBe(true);
    expect(owner).toBeDefined();
  });

  it("asks less and less often where nothing is dead", () => {
    let asked = 0;
    const heap = new Heap(large(), 1024, megabytes(8), () => ({
      forget() {},
      collect: () => void asked++,
    }));
    const owners: object[] = [];
    for (let i = 0; i < 200; i++) {
      heap.begin();
      const owner = {};
      owners.push(owner);
      heap.watch(owner, heap.allocate(2 ** 18)!);
    }
    expect(owners.length).toBe(200);
    expect(heap.counts.writeBacks).toBeGreaterThan(150);
    expect(asked).toBeLessThan(9);
  });
});
