import { afterEach, describe, expect, it, vi } from "vitest";
import { type Moment, Progress } from "./progress";
import { fakeTerminal } from "./testing";

const escape = "\u001b";

const describeRun = ({ percent, done, rate, left }: Moment) => {
  const [epoch, speed] = [`epoch ${done}/1000`, `${rate.toPrecision(2)} epochs/s`];
  return [[percent, epoch, speed, left], [percent, speed, left], [percent, left], [percent]];
};

/** A run of 1000 epochs, `speed` a second, of which the first takes `first` milliseconds, on a fake clock. */
async function run(
  look: { isTTY?: boolean; columns?: number },
  { speed = 100, visible = true, from = 0, until = 400, first = 0 } = {},
) {
  let clock = 1e6;
  vi.spyOn(performance, "now").mockImplementation(() => clock);
  vi.spyOn(Date, "now").mockImplementation(() => clock);
  const { terminal, texts } = fakeTerminal(look);
  const progress = new Progress(terminal, 1000, visible, describeRun, from);
  clock += first;
  for (let epoch = from + 1; epoch <= until; epoch++) {
    clock += 1000 / speed;
    if (epoch % 100 === 0) progress.print([`line ${epoch}`]);
    await progress.tick(epoch);
  }
  progress.print(["last line"]);
  const before = texts.stderr;
  progress.stop();
  return { ...texts, bars: before.split(`${escape}[1G`).map((text) => text.split(escape)[0]!) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the progress bar", () => {
  it("shows share, epoch, rate and time left below the lines", async () => {
    const { bars, stderr } = await run({ isTTY: true, columns: 100 });
    expect(bars.at(-1)).toBe(
      "████████████████░░░░░░░░░░░░░░░░░░░░░░░░ 40%  epoch 400/1000  1.0e+2 epochs/s  6s left",
    );
    expect(stderr).toContain("line 300\n");
    expect(stderr).toContain("last line\n");
  });

  it.each([
    [60, /^[█░]{8,} 40% {2}epoch 400\/1000 {2}1.0e\+2 epochs\/s {2}6s left$/],
    [40, /^[█░]{8,} 40% {2}1.0e\+2 epochs\/s {2}6s left$/],
    [30, /^[█░]{8,} 40% {2}6s left$/],
    [14, /^[█░]{8,} 40%$/],
    [10, /^40%$/],
  ])("fits into %i columns", async (columns, form) => {
    const { bars } = await run({ isTTY: true, columns });
    expect(bars.at(-1)).toMatch(form);
    expect(bars.at(-1)!.length).toBeLessThan(columns);
  });

  it("is not shown when the run is short, piped, or quiet", async () => {
    const lines = "line 100\nline 200\nline 300\nline 400\nlast line\n";
    expect(await run({ isTTY: true }, { speed: 1000 })).toMatchObject({ stdout: lines, stderr: "" });
    expect(await run({})).toMatchObject({ stdout: lines, stderr: "" });
    expect(await run({ isTTY: true }, { visible: false })).toMatchObject({ stdout: lines, stderr: "" });
  });

  it("shows two digits of slow rates", async () => {
    const { bars } = await run({ isTTY: true, columns: 100 }, { speed: 0.8, until: 20 });
    expect(bars.at(-1)).toContain("0.80 epochs/s");
  });

  it.each([
    ["begins slowly", { first: 900 }],
    ["begins very slowly", { first: 5000 }],
    ["goes on from an earlier one", { from: 100, first: 500 }],
  ])("estimates the time left within a factor of two from the start of a run that %s", async (_, how) => {
    const { bars } = await run({ isTTY: true, columns: 100 }, { ...how, speed: 50, until: 600 });
    const estimates = bars.flatMap((bar) => {
      const [, epoch, seconds] = / epoch (\d+)\/1000 .* (\d+)s left$/.exec(bar) ?? [];
      return epoch === undefined ? [] : [Number(seconds) / ((1000 - Number(epoch)) / 50)];
    });
    expect(estimates.length).toBeGreaterThan(3);
    for (const ratio of estimates) expect(Math.abs(Math.log2(ratio))).toBeLessThan(1);
  });

  it("does not show 0s left before the end", async () => {
    const { bars } = await run({ isTTY: true, columns: 100 }, { until: 999 });
    expect(bars.at(-1)).toMatch(/ 99% {2}epoch 99\d\/1000 {2}.* {2}1s left$/);
  });
});
