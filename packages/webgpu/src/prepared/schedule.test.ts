import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { Memory } from "../device/block";
import type { Kernel, KernelText } from "../device/kernel";
import type { Launch } from "../device/recorder";
import { type Limits, schedule, type Task } from "./schedule";

const memories = Array.from(
  { length: 12 },
  (_, id): Memory => ({ id, buffer: {} as GPUBuffer, isShared: id === 0 }),
);

function launchOf(bound: readonly number[], size: number, threads: number): Launch {
  const text: KernelText = {
    name: "",
    bindings: bound.map(() => ({ type: "f32", written: true })),
    fields: ["n: u32"],
    body: "",
  };
  const kernel = { id: 0, text, threads, fields: 1 } as Kernel;
  const own = bound.map((k) => memories[k]!);
  return { kernel, memories: own, words: Uint32Array.of(size), count: size, isGrouped: false, work: size };
}

const tasks = fc
  .array(
    fc.record({
      bound: fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 5 }),
      size: fc.constantFrom(1, 100, 5000, 20_000, 10 ** 6),
      threads: fc.constantFrom(64, 64, 16),
      before: fc.array(fc.nat(1000), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((all) =>
    all.map(
      ({ bound, size, threads, before }, k): Task => ({
        launch: launchOf(bound, size, threads),
        before: new Set(k === 0 ? [] : before.map((number) => number % k)),
      }),
    ),
  );

const limits = fc.record<Limits>({
  buffers: fc.integer({ min: 5, max: 12 }),
  shared: fc.constant(2 ** 14),
  skipsBranches: fc.boolean(),
});

test.prop([tasks, limits])("every launch comes once, after those that it needs", (tasks, limits) => {
  const waves = schedule(tasks, limits);
  const done = new Set<number>();
  for (const strands of waves) {
    for (const strand of strands) {
      strand.forEach((number, i) => {
        for (const other of tasks[number]!.before)
          expect(done.has(other) || strand.slice(0, i).includes(other), `${number} after ${other}`).toBe(
            true,
          );
      });
    }
    for (const number of strands.flat()) {
      expect(done.has(number)).toBe(false);
      done.add(number);
    }
  }
  expect(done.size).toBe(tasks.length);
});

test.prop([tasks, limits])("a dispatch binds no more buffers than a kernel may bind", (tasks, limits) => {
  for (const strands of schedule(tasks, limits)) {
    const bound = new Set(strands.flat().flatMap((number) => tasks[number]!.launch.memories));
    expect(bound.size).toBeLessThanOrEqual(limits.buffers);
  }
});

test.prop([tasks, limits])(
  "one workgroup computes several launches only if they are small",
  (tasks, limits) => {
    for (const strand of schedule(tasks, limits).flat()) {
      if (strand.length === 1) continue;
      for (const number of strand) expect(tasks[number]!.launch.work).toBeLessThanOrEqual(8192);
    }
  },
);
