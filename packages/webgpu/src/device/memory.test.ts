import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { scoped } from "@thalweg/kernels";
import { memoryStats, ones, zeros } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { describeGPU, numbers } from "../../test/gpu";
import { Pool } from "./pool";

const on = { device: "webgpu" };
const live = () => memoryStats().devices.webgpu!.liveBytes;

/** Runs the garbage collector, and waits until finalizers have run. */
async function collect(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise((settle) => setTimeout(settle, 10));
  }
}

describeGPU("memory of the device", () => {
  it("is released at once when a tensor is disposed of, and when a scope ends", async () => {
    await collect();
    const before = live();
    {
      using x = ones([100_000], on);
      expect(live() - before).toBeGreaterThanOrEqual(400_000);
      using y = scoped(() => x.add(1).mul(2).sum());
      expect(live() - before).toBeLessThan(900_000);
      expect(await y.itemAsync()).toBe(400_000);
    }
    expect(live()).toBe(before);
  });

  it("is released when tensors are collected", async () => {
    await collect();
    const before = live();
    for (let i = 0; i < 50; i++) ones([50_000], on);
    expect(live() - before).toBeGreaterThanOrEqual(10_000_000);
    await collect();
    expect(live()).toBe(before);
    const { pooledBytes, peakBytes } = memoryStats().devices.webgpu!;
    expect(pooledBytes).toBeGreaterThanOrEqual(10_000_000);
    expect(peakBytes).toBeGreaterThanOrEqual(before + 10_000_000);
  });

  it("is not overwritten while recorded commands need it", async () => {
    const values = numbers([30_000]);
    const x = values.to("webgpu");
    const y = x.mul(2);
    x[Symbol.dispose]();
    // An upload is written at once, before the recorded commands run, so it must not reuse the block of x.
    const z = zeros([30_000]).to("webgpu");
    expect((await y.data())[29_999]).toBe(2 * values.dataSync()[29_999]!);
    expect((await z.data())[29_999]).toBe(0);
  });

  it("is bounded in a loop that disposes of no tensor", async () => {
    await collect();
    const before = live();
    let x = zeros([2 ** 18], on);
    for (let i = 0; i < 600; i++) {
      x = x
        .detach()
        .reshape([2 ** 9, 2 ** 9])
        .select(0, 0)
        .expand([2 ** 9, 2 ** 9])
        .contiguous()
        .reshape([2 ** 18]);
      await new Promise((settle) => setTimeout(settle));
    }
    expect(live() - before).toBeLessThan(400 * 2 ** 20);
  });
});

/** A pool of fake buffers. */
function imaginary(): { pool: Pool; created: number[]; destroyed: number[] } {
  const created: number[] = [];
  const destroyed: number[] = [];
  const create = (bytes: number) => {
    created.push(bytes);
    return { destroy: () => destroyed.push(bytes) } as unknown as GPUBuffer;
  };
  return { pool: new Pool(create, 2 ** 30), created, destroyed };
}

it("reuses blocks, and keeps small ones in one buffer", () => {
  const { pool, created } = imaginary();
  const [a, b] = [pool.acquire(100_000), pool.acquire(100)];
  const c = pool.acquire(300);
  expect(created.length).toBe(2);
  expect([b.memory === c.memory, b.start, c.start]).toEqual([true, 0, 64]);
  pool.release(a, 1);
  pool.release(b, 1);
  expect(pool.acquire(99_000)).toBe(a);
  expect(pool.acquire(4)).toBe(b);
});

it("does not hand out a block that unsubmitted commands use for an immediate write", () => {
  const { pool } = imaginary();
  const a = pool.acquire(100_000);
  pool.release(a, 7);
  expect(pool.acquire(100_000, { before: 7 })).not.toBe(a);
  expect(pool.acquire(100_000, { before: 8 })).toBe(a);
});

it("destroys buffers that have been idle for long, once their commands are submitted", () => {
  const { pool, destroyed } = imaginary();
  const blocks = Array.from({ length: 200 }, () => pool.acquire(2 ** 20));
  for (const block of blocks) pool.release(block, 3);
  for (let i = 0; i < 30_000; i++) pool.trim(2);
  expect(destroyed.length).toBe(0);
  pool.trim(3);
  expect(200 - destroyed.length).toBe(64);
  expect(pool.memory).toEqual({ liveBytes: 0, pooledBytes: 64 * 2 ** 20, peakBytes: 200 * 2 ** 20 });
});

it("wastes little", () => {
  const { pool } = imaginary();
  for (const bytes of [1, 256, 257, 5000, 2 ** 16, 2 ** 16 + 4, 3e6, 2 ** 30 - 4]) {
    const block = pool.acquire(bytes);
    expect(block.bytes).toBeGreaterThanOrEqual(bytes);
    expect(block.bytes).toBeLessThanOrEqual(Math.max(256, Math.ceil(bytes * 1.125) + 256));
    expect(block.bytes % 16).toBe(0);
  }
});
