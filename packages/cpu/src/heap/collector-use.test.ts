import { ArgumentError } from "@thalweg/kernels";
import { setCollector } from "@thalweg/tensor";
import { afterEach, expect, it } from "vitest";
import { LinearMemory } from "../wasm/runtime/linear-memory";
import { findCollector } from "./collector";
import type { CollectorUse } from "./collector-use";
import { Heap } from "./heap";

const { getBuiltinModule } = process;

afterEach(() => {
  setCollector("auto");
  process.getBuiltinModule = getBuiltinModule;
});

/** Records the V8 flags that are set from now on. */
function watchFlags(): string[] {
  const flags: string[] = [];
  const v8 = getBuiltinModule("node:v8");
  const watched = {
    ...v8,
    setFlagsFromString(flag: string) {
      flags.push(flag);
      v8.setFlagsFromString(flag);
    },
  };
  process.getBuiltinModule = ((id: string) =>
    id === "node:v8" ? watched : getBuiltinModule(id)) as typeof getBuiltinModule;
  return flags;
}

const size = 2 ** 18;

const heapOf = () => new Heap(new LinearMemory(1, 1024, false), 1024, 8 * 4 * size, findCollector);

/** Allocates `count` cells whose owners are dead at once. */
function fill(heap: Heap, count: number): void {
  for (let i = 0; i < count; i++) {
    heap.begin();
    heap.watch({}, heap.allocate(size)!);
  }
}

it("the heap asks the collector, through a V8 flag, unless the program refuses", () => {
  const flags = watchFlags();
  expect(setCollector("never")).toBe("auto");
  const heap = heapOf();
  fill(heap, 30);
  expect(flags).toEqual([]);
  expect(heap.counts.writeBacks).toBeGreaterThan(20);
  expect(setCollector("auto")).toBe("never");
  fill(heap, 1);
  expect(flags).toEqual(["--expose-gc", "--no-expose-gc"]);
  const { writeBacks } = heap.counts;
  fill(heap, 30);
  expect(heap.counts.writeBacks - writeBacks).toBeLessThan(20);
});

it("the heap stops asking a collector once the program refuses", () => {
  const heap = heapOf();
  fill(heap, 20);
  setCollector("never");
  const { writeBacks } = heap.counts;
  fill(heap, 40);
  expect(heap.counts.writeBacks - writeBacks).toBeGreaterThan(30);
});

it("dead tensors are freed between jobs where the program refuses", async () => {
  setCollector("never");
  const heap = heapOf();
  fill(heap, 6);
  const collector = findCollector()!;
  for (let i = 0; i < 20 && heap.cells > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collector.collect();
  }
  expect(heap.cells).toBe(0);
  expect(heap.counts.writeBacks).toBe(0);
});

it.each(["always", true, undefined])("%s is refused", (to) => {
  const call = () => setCollector(to as CollectorUse);
  const got = typeof to === "string" ? `"${to}"` : String(to);
  expect(call).toThrow(ArgumentError);
  expect(call).toThrow(
    `setCollector: the use of the collector must be "auto" or "never", got ${got}; use "never" to leave the flags of the process alone`,
  );
  expect(setCollector("auto")).toBe("auto");
});
