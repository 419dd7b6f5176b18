import { fc, test } from "@fast-check/vitest";
import { afterAll, describe, expect, it } from "vitest";
import { argumentsAddress } from "./addresses";
import { Assembler } from "./assembler";
import { type } from "./instructions";
import { type Kernel, Runtime } from "./runtime";

const runtime = new Runtime({ shared: true, maximum: 2 ** 24, budget: 2 ** 23 });
afterAll(() => {
  runtime.threads.count = 1;
});

/** Adds one to each of the integers `from` to `to` behind the address in the first argument. */
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
  for (let i = 0; i < 1000 && runtime.threads.ready !== count; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(runtime.threads.ready).toBe(count);
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
  it("start at the first job that is worth it, and do every item once", async () => {
    runtime.threads.count = 4;
    expect(runtime.threads.ready).toBe(0);
    countUp(1, 100, 1);
    countUp(1, 100_000, 1);
    await ready(3);
    expect([...countUp(1, 100_000, 1)]).toEqual([...new Int32Array(100_000).fill(1), 0]);
  });

  test.prop([
    fc.integer({ min: 1, max: 5000 }),
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: 1, max: 9000 }),
  ])("do every item of every job once, whatever its size", (items, times, cost) => {
    const counts = countUp(times, items, cost);
    expect(counts.every((count, i) => count === (i < items ? times : 0))).toBe(true);
  });

  it("become fewer and more", async () => {
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

  it("wake up when they slept", async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(
      countUp(1, 100_000, 10)
        .slice(0, 100_000)
        .every((count) => count === 1),
    ).toBe(true);
  });
});
