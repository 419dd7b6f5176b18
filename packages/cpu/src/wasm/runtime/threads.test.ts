import { fc, test } from "@fast-check/vitest";
import { DeviceError } from "@thalweg/kernels";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { readyThreads } from "../../../test/ready-threads";
import { Assembler } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { yieldTo } from "../matmul/gemm";
import { argumentsAddress, control, maxJobs, state } from "./addresses";
import { type Kernel, Runtime } from "./runtime";

const runtime = new Runtime({ shared: true, maximum: 2 ** 24, budget: 2 ** 23 });
afterAll(() => {
  runtime.threads.count = 1;
});

/** Adds one to each of the integers `from` to `to`, counted from the address in the first argument. */
function counting(): Kernel {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const at = code.local(type.i32);
    code.loop((again) => {
      code.get(args).at("i32Load").get(from).i32(2).op("i32Shl", "i32Add").tee(at);
      code.get(at).at("i32Load").i32(1).op("i32Add").at("i32Store");
      code.get(from).i32(1).op("i32Add").tee(from).get(to).op("i32LtS").branchIf(again);
    });
  });
  return runtime.compile(assembler);
}

async function ready(count: number): Promise<void> {
  while (readyThreads(runtime) !== count) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(readyThreads(runtime)).toBe(count);
}

const start = 2 ** 20;
const kernel = counting();

function countUp(times: number, items: number, cost: number): Int32Array {
  runtime.words.fill(0, start / 4, start / 4 + items + 1);
  for (let i = 0; i < times; i++) {
    runtime.words[argumentsAddress / 4] = start;
    runtime.launch(kernel, items, cost);
  }
  return runtime.words.slice(start / 4, start / 4 + items + 1);
}

describe("Threads", () => {
  it("start at the first job that is large enough, and run every item once", async () => {
    runtime.threads.count = 4;
    expect(readyThreads(runtime)).toBe(0);
    countUp(1, 100, 1);
    countUp(1, 100_000, 1);
    await ready(3);
    expect([...countUp(1, 100_000, 1)]).toEqual([...new Int32Array(100_000).fill(1), 0]);
  });

  it("sleep while something else has the cores, and come back", async () => {
    runtime.threads.count = 4;
    countUp(1, 100_000, 1);
    await ready(3);
    countUp(1, 100_000, 1);
    const states = () => [1, 2, 3].map((number) => Atomics.load(runtime.words, control.states + number));
    yieldTo(() => {
      while (states().some((one) => one !== state.asleep));
    }, runtime);
    expect([...countUp(200, 5000, 100)]).toEqual([...new Int32Array(5000).fill(200), 0]);
    expect(() =>
      yieldTo(() => {
        throw new Error("mine");
      }, runtime),
    ).toThrow("mine");
    expect(Atomics.load(runtime.words, control.rest)).toBe(0);
  });

  test.prop([
    fc.integer({ min: 1, max: 5000 }),
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: 1, max: 9000 }),
  ])("run every item of every job once, whatever its size", (items, times, cost) => {
    const counts = countUp(times, items, cost);
    expect(counts.every((count, i) => count === (i < items ? times : 0))).toBe(true);
  });

  test.prop([
    fc.array(
      fc.record({ items: fc.integer({ min: 1, max: 3000 }), cost: fc.integer({ min: 1, max: 9000 }) }),
      {
        minLength: 2,
        maxLength: maxJobs,
      },
    ),
    fc.integer({ min: 1, max: 50 }),
  ])("run every item of several jobs once, at one meeting", (jobs, times) => {
    const { words } = runtime;
    const room = 3001;
    words.fill(0, start / 4, start / 4 + room * jobs.length);
    const all = jobs.map(({ items, cost }, j) => {
      const args = argumentsAddress + 4 * j;
      words[args / 4] = start + 4 * room * j;
      return { kernel, items, cost, args };
    });
    const meetings = words[control.generation]!;
    let shared = 0;
    for (let i = 0; i < times; i++) {
      runtime.launchAll(all);
      if (runtime.threads.shared) shared++;
    }
    expect(words[control.generation]! - meetings).toBe(shared);
    for (const [j, { items }] of jobs.entries()) {
      const counts = words.slice(start / 4 + room * j, start / 4 + room * (j + 1));
      expect(counts.every((count, i) => count === (i < items ? times : 0))).toBe(true);
    }
  });

  it("change their number", async () => {
    runtime.threads.count = 2;
    await ready(1);
    expect(
      countUp(50, 3000, 100)
        .slice(0, 3000)
        .every((count) => count === 50),
    ).toBe(true);
    runtime.threads.count = 3;
    countUp(1, 100_000, 1);
    await ready(2);
    expect(
      countUp(50, 3000, 100)
        .slice(0, 3000)
        .every((count) => count === 50),
    ).toBe(true);
  });

  it("wake up after sleeping", async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(
      countUp(1, 100_000, 10)
        .slice(0, 100_000)
        .every((count) => count === 1),
    ).toBe(true);
  });
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Expects all items once, and no other: no thread is missing, and nothing is left of another job. */
function expectWhole(items = 20_000): void {
  for (let i = 0; i < 5; i++) {
    expect([...countUp(1, items, 10)]).toEqual([...new Int32Array(items).fill(1), 0]);
  }
}

/** The state of the workers that the tests need. */
interface Workers {
  readonly workers: (undefined | { terminate(): unknown })[];
  losses: number;
}

const inside = runtime.threads as unknown as Workers;

describe("A job that fails", () => {
  it("leaves the threads usable, whichever thread had the part that failed", async () => {
    runtime.threads.count = 3;
    expectWhole();
    await ready(2);
    for (let i = 0; i < 30; i++) {
      // The last items are beyond the end of the memory.
      const items = 4000;
      runtime.words[argumentsAddress / 4] = runtime.memory.memory.buffer.byteLength - 4 * (items - 10);
      let error: unknown;
      try {
        runtime.launch(kernel, items, 100);
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toMatch(
        /^memory access out of bounds$|^cpu: a thread failed or ended during its work, the result is incomplete; try again$/,
      );
      expectWhole(2000);
    }
    expect(readyThreads(runtime)).toBe(2);
  });

  it("does not wait for threads that were terminated, and replaces them", async () => {
    runtime.threads.count = 3;
    runtime.threads.patience = 100;
    for (let i = 0; i < 10; i++) {
      inside.losses = 0;
      expectWhole();
      await ready(2);
      const ended = [1, 2].map((number) => inside.workers[number]!.terminate());
      for (let job = 0; job < 20; job++) {
        try {
          countUp(1, 5000, 100);
        } catch (error) {
          expect(error).toBeInstanceOf(DeviceError);
        }
      }
      await Promise.all(ended);
      await wait(1);
      expectWhole();
    }
    runtime.threads.patience = 10_000;
  });

  it("reports an incomplete result when a thread ended during its work", async () => {
    // The tests of a program may have stopped the clock.
    vi.spyOn(performance, "now").mockReturnValue(0);
    onTestFinished(() => void vi.restoreAllMocks());
    runtime.threads.count = 2;
    await wait(20);
    expectWhole();
    await ready(1);
    const worker = inside.workers[1]!;
    runtime.threads.patience = 20;
    for (const [does, fails] of [
      [state.working, true],
      [state.looking, false],
    ] as const) {
      let terminated = 0;
      inside.workers[3] = { terminate: () => terminated++ };
      runtime.words[control.states + 3] = does;
      const run = () => countUp(1, 20_000, 10);
      if (fails)
        expect(run).toThrow(
          "cpu: a thread failed or ended during its work, the result is incomplete; try again",
        );
      else expect([...run()]).toEqual([...new Int32Array(20_000).fill(1), 0]);
      expect(terminated).toBe(1);
      expect(inside.workers[1]).toBe(worker);
      expectWhole();
    }
    runtime.threads.patience = 10_000;
  });

  it("starts no more threads when they keep ending", async () => {
    inside.losses = 0;
    runtime.threads.count = 2;
    for (let i = 0; i < 20 && inside.losses < 8; i++) {
      expectWhole();
      for (let n = 0; n < 1000 && readyThreads(runtime) < 1; n++) await wait(1);
      await inside.workers[1]!.terminate();
      await wait(1);
    }
    expect(inside.losses).toBe(8);
    expectWhole();
    expect(readyThreads(runtime)).toBe(0);
  });
});
