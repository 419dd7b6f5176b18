import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeTerminal } from "@thalweg/terminal/testing";
import { afterAll, describe, expect, it } from "vitest";
import { app } from "./app";
import { runApp } from "./testing";

const folder = mkdtempSync(join(tmpdir(), "pronounce-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);

/** Enough to learn something. */
const short = ["--preset", "tiny", "--words", "200", "--steps", "30", "--beams", "2"];

describe("a short run", () => {
  it("learns, tests itself, and shows ten words that it never saw", async () => {
    const { code, lines, stdout, stderr } = await runApp(...short);
    expect([code, stderr]).toEqual([0, ""]);
    expect(lines[0]).toMatch(/^tiny with 106,688 parameters, \d+ pronunciations to learn, \d+ held out$/);
    const losses = [...stdout.matchAll(/^step \d+: loss (\S+), held out (\S+), phoneme errors \S+ %$/gm)].map(
      ([, train, held]) => [Number(train), Number(held)] as const,
    );
    expect(losses.length).toBe(10);
    expect(losses.at(-1)![0]).toBeLessThan(losses[0]![0] - 0.5);
    expect(losses.at(-1)![1]).toBeLessThan(losses[0]![1] - 0.3);
    const table = lines.slice(lines.findIndex((line) => line.startsWith("word ")));
    expect(table[0]).toMatch(/^word +the model +the dictionary$/);
    expect(table.indexOf("")).toBe(11);
    expect(table.slice(12)).toEqual([
      "10 words that it never saw",
      expect.stringMatching(/^greedy: phoneme error rate \d+\.\d\d %, word error rate \d+\.\d\d %$/),
      expect.stringMatching(/^2 beams: phoneme error rate \d+\.\d\d %, word error rate \d+\.\d\d %$/),
      "",
    ]);
  });

  it("is the same again, compiled too, and another one with another seed", async () => {
    const run = async (...args: string[]) => (await runApp(...short, ...args)).stdout;
    const [one, again, compiled, other] = [
      await run(),
      await run("--seed", "0"),
      await run("--compile"),
      await run("--seed", "1"),
    ];
    expect([again === one, compiled === one, other === one]).toEqual([true, true, false]);
  });

  it("has the same loss in parts, and with blocks that run again", async () => {
    const first = async (...args: string[]) => {
      const { lines } = await runApp(...short, "--steps", "1", ...args);
      return Number(/loss (\S+),/.exec(lines[1]!)![1]);
    };
    const loss = await first();
    expect(await first("--checkpoint")).toBe(loss);
    expect(await first("--accumulate", "2")).toBeCloseTo(loss, 1);
  });

  it("takes as many minutes as it is given", async () => {
    const start = performance.now();
    const { code } = await runApp("--preset", "tiny", "--words", "100", "--minutes", "0.02", "--quiet");
    expect(code).toBe(0);
    expect(performance.now() - start).toBeGreaterThan(1200);
  });

  it("invents names", async () => {
    const args = ["--task", "names", "--preset", "tiny", "--words", "400", "--steps", "40"];
    const { stdout, lines } = await runApp(...args);
    expect(lines[0]).toMatch(/^tiny with 104,064 parameters, 360 names to learn, 20 held out$/);
    const names = lines.slice(11, 31);
    for (const name of names) expect(name).toMatch(/^(\p{Lu}?[\p{L}-]*)( \(in the list\))?$/u);
    expect((await runApp(...args)).stdout).toBe(stdout);
    expect((await runApp(...args, "--temperature", "0.2")).stdout).not.toBe(stdout);
    const one = (await runApp(...args, "--top-k", "1")).lines.slice(11, 31);
    expect(new Set(one).size).toBe(1);
    expect((await runApp(...args, "--top-p", "1e-9")).lines.slice(11, 31)).toEqual(one);
  });

  it.each([
    ["--positions", "sinusoidal", "--norm", "rms"],
    ["--positions", "rotary", "--activation", "swiglu"],
  ])("can be made with other parts: %s %s %s %s", async (...parts) => {
    const { code, stdout } = await runApp(...short, ...parts);
    expect([code, stdout.includes("10 words that it never saw")]).toEqual([0, true]);
  });
});

describe("a run that is saved", () => {
  it("resumes after Ctrl-C as if it had not ended", async () => {
    const path = file("interrupted.safetensors");
    const whole = await runApp(...short);
    const { terminal, texts } = fakeTerminal();
    const interruption = new AbortController();
    terminal.stdout.on("data", () => {
      if (texts.stdout.includes("step 12")) interruption.abort();
    });
    const code = await app([...short, "--save", path], { ...terminal, signal: interruption.signal });
    expect([code, texts.stderr]).toEqual([
      130,
      `interrupted at step 12, which is saved; go on with: npx --yes pnpm@10 pronounce --resume ${path}\n`,
    ]);
    const rest = await runApp("--resume", path, "--beams", "2");
    expect(rest.lines.slice(0, 2)).toEqual([whole.lines[0], "going on after step 12"]);
    expect(rest.lines.slice(2)).toEqual(whole.lines.slice(5));
    const ended = await runApp("--resume", path, "--beams", "2");
    expect(ended.lines.slice(-3)).toEqual(whole.lines.slice(-3));
  });

  it("pronounces words", async () => {
    const path = file("words.safetensors");
    await runApp(...short, "--save", path, "--quiet");
    const { code, lines } = await runApp("Thalweg", "o'clock", "--resume", path);
    expect([code, lines.length]).toEqual([0, 3]);
    expect(lines[0]).toMatch(/^thalweg {2}[A-Z ]*$/);
    expect(lines[1]).toMatch(/^o'clock {2}[A-Z ]*$/);
    expect((await runApp("th4lweg", "--resume", path)).stderr).toBe(
      "error: cannot read th4lweg: words have the letters a to z, ', - and .\n",
    );
    expect((await runApp("a".repeat(40), "--resume", path)).stderr).toMatch(
      /is too long: this model reads 30 letters at most\n$/,
    );
    expect((await runApp("--resume", path, "--seed", "5")).stderr).toBe(
      `error: ${path} was made with seed 0, not 5\n`,
    );
  });
});

describe("a failure", () => {
  it.each<[string[], RegExp]>([
    [["thalweg"], /^what pronounces thalweg\? name a saved model with --resume$/],
    [["--preset", "huge"], /argument 'huge' is invalid\. Allowed choices are tiny, small, base\.$/],
    [["--steps", "5", "--minutes", "1"], /^there are both --steps and --minutes: leave one of them out$/],
    [["--top-p", "2"], /It must be a number above 0, and 1 at most\.$/],
    [["--resume", "/none"], /^cannot resume from \/none: there is no such file$/],
    [["--save", "/none/x"], /^cannot write \/none\/x: its folder does not exist, or cannot be written to$/],
  ])("is one line and code 2: %j", async (args, message) => {
    const { code, stdout, stderr } = await runApp(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.replace("error: ", "").trimEnd()).toMatch(message);
  });

  it("is a file that is no checkpoint, or one of names that shall pronounce", async () => {
    const [text, names] = [file("text"), file("names")];
    writeFileSync(text, "not a checkpoint");
    expect((await runApp("--resume", text)).stderr).toMatch(/^error: cannot resume from .*text: a header of/);
    await runApp("--task", "names", "--preset", "tiny", "--words", "60", "--steps", "1", "--save", names);
    expect((await runApp("thalweg", "--resume", names)).stderr).toBe(
      `error: ${names} holds a model of names: it pronounces nothing\n`,
    );
  });

  it("is not help", async () => {
    const { code, stdout } = await runApp("--help");
    expect([code, stdout.includes("--resume <file>")]).toEqual([0, true]);
  });
});
