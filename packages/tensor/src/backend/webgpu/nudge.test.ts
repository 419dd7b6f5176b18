import { expect, it, vi } from "vitest";
import { Nudge } from "./nudge";

const setup = () => {
  const submit = vi.fn<(commands: Iterable<GPUCommandBuffer>) => undefined>();
  return { submit, nudge: new Nudge({ submit } as unknown as GPUQueue) };
};

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

it("gives the queue nothing to do, again and again, until it has what it waits for", async () => {
  const { submit, nudge } = setup();
  expect(await nudge.until(after(60).then(() => 7))).toBe(7);
  const { length } = submit.mock.calls;
  expect(length).toBeGreaterThan(2);
  // Ever more seldom.
  expect(length).toBeLessThan(30);
  expect(submit.mock.calls.every(([commands]) => [...commands].length === 0)).toBe(true);
  await after(20);
  expect(submit).toHaveBeenCalledTimes(length);
});

it("leaves others their turn", async () => {
  const { nudge } = setup();
  let [turns, settled] = [0, false];
  nudge.until(after(20)).then(() => (settled = true));
  while (!settled) {
    await new Promise(setImmediate);
    turns++;
  }
  expect(turns).toBeGreaterThan(5);
});

it("goes on for whoever came later, and fails like what was waited for", async () => {
  const { submit, nudge } = setup();
  const first = nudge.until(after(10));
  const second = nudge.until(after(50).then(() => Promise.reject(new Error("gone"))));
  await first;
  const { length } = submit.mock.calls;
  await expect(second).rejects.toThrow("gone");
  expect(submit.mock.calls.length).toBeGreaterThan(length);
});
