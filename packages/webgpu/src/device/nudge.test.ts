import { expect, it, vi } from "vitest";
import { Nudge } from "./nudge";

const setup = () => {
  const submit = vi.fn<(commands: Iterable<GPUCommandBuffer>) => undefined>();
  return { submit, nudge: new Nudge({ submit } as unknown as GPUQueue) };
};

it("submits empty command lists until the promise settles", async () => {
  const { submit, nudge } = setup();
  const third = new Promise<number>((resolve) => {
    submit.mockImplementation(() => {
      if (submit.mock.calls.length === 3) resolve(7);
    });
  });
  expect(await nudge.until(third)).toBe(7);
  expect(submit.mock.calls.every(([commands]) => [...commands].length === 0)).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(submit).toHaveBeenCalledTimes(3);
});

it("lets other tasks run", async () => {
  const { nudge } = setup();
  const fiftyTurns = async () => {
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    return "done";
  };
  expect(await nudge.until(fiftyTurns())).toBe("done");
});

it("goes on until the last promise settles, and rejects as that promise does", async () => {
  const { submit, nudge } = setup();
  let settleFirst = () => {};
  let failSecond = (_: Error) => {};
  const first = nudge.until(new Promise<void>((resolve) => (settleFirst = resolve)));
  const second = nudge.until(new Promise<void>((_, reject) => (failSecond = reject)));
  settleFirst();
  await first;
  submit.mockImplementation(() => {
    failSecond(new Error("gone"));
  });
  await expect(second).rejects.toThrow("gone");
});
