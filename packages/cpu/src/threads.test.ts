import { availableParallelism } from "node:os";
import { ThalwegError } from "@thalweg/kernels";
import { getThreads, randn, setThreads } from "@thalweg/tensor";
import { afterAll, expect, it } from "vitest";
import { readyThreads } from "../test/ready-threads";
import { accelerator } from "./accelerator";

const before = getThreads();
afterAll(() => setThreads(before));

it("setThreads limits threads to the number of cores, and returns how many there are", async () => {
  const cores = availableParallelism();
  expect(setThreads(256)).toBe(cores);
  expect(getThreads()).toBe(cores);
  const x = randn([400, 400]);
  for (let i = 0; i < 20; i++) {
    x.matmul(x);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(readyThreads(accelerator()!.runtime)).toBeLessThan(cores);
  expect(setThreads(1)).toBe(1);
  expect(setThreads(Number.MAX_SAFE_INTEGER)).toBe(cores);
});

it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("%d threads are refused", (count) => {
  expect(() => setThreads(count)).toThrow(ThalwegError);
  expect(() => setThreads(count)).toThrow(
    `setThreads: the number of threads must be whole and at least 1, got ${count}; use 1 for the calling thread alone`,
  );
});
