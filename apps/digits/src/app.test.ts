import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeTerminal } from "@thalweg/terminal/testing";
import { saveSafetensors } from "thalweg";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { app } from "./app";
import { runApp } from "./testing";

const folder = mkdtempSync(join(tmpdir(), "digits-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);

/** Enough to learn something. */
const short = ["--images", "600", "--epochs", "3", "--batch-size", "30"];

const score = (text: string) => Number(/^test accuracy: ([\d.]+) %/m.exec(text)![1]);

describe("a short run", () => {
  it("learns to read, and reports how well", async () => {
    const { code, lines, stdout, stderr } = await runApp(...short);
    expect([code, stderr]).toEqual([0, ""]);
    expect(lines[0]).toBe("mlp with 235,146 parameters, adam with lr 0.002, 600 images");
    expect(lines[1]).toMatch(
      /^epoch 1\/3: loss \d\.\d{4}, accuracy \d\d\.\d\d %, test accuracy \d\d\.\d\d %$/,
    );
    expect(lines[5]).toBe("digit  images  right  accuracy  taken for");
    expect(lines.length).toBe(19);
    expect(score(stdout)).toBeGreaterThan(75);
  });

  it("gives the same result again, and another one with another seed", async () => {
    const run = async (...args: string[]) => (await runApp(...short, "--quiet", ...args)).stdout;
    const [one, again, other] = [await run(), await run("--seed", "0"), await run("--seed", "1")];
    expect(one).toMatch(/^test accuracy: \d\d\.\d\d % \(\d+ of 2000\)\n$/);
    expect([again === one, other === one]).toEqual([true, false]);
  });

  it("can be made with a convolutional network", async () => {
    const { stdout } = await runApp(
      "--model",
      "cnn",
      "--images",
      "400",
      "--epochs",
      "3",
      "--batch-size",
      "20",
    );
    expect(stdout).toMatch(/^cnn with 206,922 parameters, /);
    expect(score(stdout)).toBeGreaterThan(70);
  });

  it.each([
    ["mlp", "adam"],
    ["mlp", "lbfgs"],
    ["cnn", "sgd"],
  ])("prints the same where the step is compiled: %s, %s", async (model, optimizer) => {
    const tiny = ["--images", "110", "--epochs", "2", "--batch-size", "25"];
    const args = [...tiny, "--model", model, "--optimizer", optimizer, "--lr", "0.01"];
    expect(await runApp(...args, "--compile")).toEqual(await runApp(...args));
  });

  it("can be made with another optimizer", async () => {
    const { stdout } = await runApp(...short, "--optimizer", "sgd", "--lr", "0.1");
    expect(stdout).toContain("sgd with lr 0.1");
    expect(score(stdout)).toBeGreaterThan(75);
  });
});

describe("the bar", () => {
  it("advances while the model is tested, and is full only afterwards", async () => {
    let clock = 1e6;
    vi.spyOn(performance, "now").mockImplementation(() => (clock += 300));
    // The bar is drawn at every turn of the event loop.
    const { setTimeout } = globalThis;
    vi.spyOn(globalThis, "setTimeout").mockImplementation((draw) => setTimeout(draw, 0));
    onTestFinished(() => void vi.restoreAllMocks());
    const { terminal, texts } = fakeTerminal({ isTTY: true, columns: 120 });
    await app(["--images", "640", "--epochs", "1"], terminal);
    const [training] = texts.stderr.split("epoch 1/1: ");
    const bars = [...training!.matchAll(/ (\d+)% {2}epoch 1\/1 {2}loss (\S+)/g)];
    const [loss] = /(?<=epoch 1\/1: loss )[\d.]+/.exec(texts.stderr)!;
    const testing = bars.filter((bar) => bar[2] === loss).map((bar) => Number(bar[1]));
    expect(testing.length).toBeGreaterThan(4);
    expect(testing[0]).toBeLessThan(60);
    expect(testing.filter((percent) => percent === 100).length).toBeLessThanOrEqual(1);
  });
});

describe("a run that is saved", () => {
  it("resumes as if it had not ended", async () => {
    const whole = await runApp(...short);
    const path = file("epochs.safetensors");
    await runApp(...short, "--epochs", "1", "--save", path);
    const rest = await runApp("--resume", path, "--epochs", "3");
    expect(rest.lines.slice(0, 2)).toEqual([whole.lines[0], "going on in epoch 2"]);
    expect(rest.lines.slice(2)).toEqual(whole.lines.slice(2));
    const ended = await runApp("--resume", path, "--epochs", "3");
    expect(ended.lines.at(-2)).toBe(whole.lines.at(-2));
  });

  it("resumes after Ctrl-C in the middle of an epoch, too", async () => {
    const path = file("interrupted.safetensors");
    const whole = await runApp(...short);
    const { terminal, texts } = fakeTerminal();
    const interruption = new AbortController();
    terminal.stdout.on("data", () => {
      if (texts.stdout.includes("epoch 1/3")) interruption.abort();
    });
    const code = await app([...short, "--save", path], { ...terminal, signal: interruption.signal });
    expect([code, texts.stderr]).toEqual([
      130,
      `interrupted in epoch 2, which is saved; go on with: npx --yes pnpm@10 digits --resume ${path} --epochs 3\n`,
    ]);
    const rest = await runApp("--resume", path, "--epochs", "3");
    expect(rest.lines.slice(2)).toEqual(whole.lines.slice(2));
  });
});

describe("a failure", () => {
  it("is divergence, with code 1", async () => {
    expect(await runApp(...short, "--optimizer", "sgd", "--lr", "1e30", "--quiet")).toMatchObject({
      code: 1,
      stdout: "",
      stderr:
        "error: training diverged in epoch 1/3, the loss is not a number; try a smaller rate: --lr 1e+29\n",
    });
  });

  it.each<[string[], RegExp]>([
    [["--optimizer", "adm"], /^there is no optimizer "adm"; did you mean adam\?/],
    [["--model", "rnn"], /argument 'rnn' is invalid\. Allowed choices are mlp/],
    [["--images", "9000"], /^there are 8000 images to train with: leave --images out for all$/],
    [["--epochs", "0"], /It must be a whole number from 1 on\.$/],
    [["--resume", "/none"], /^cannot resume from \/none: there is no such file$/],
    [["--save", "/none/x"], /^cannot write \/none\/x: its folder does not exist, or cannot be written to$/],
  ])("is one line and code 2: %j", async (args, message) => {
    const { code, stdout, stderr } = await runApp(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.replace("error: ", "").trimEnd()).toMatch(message);
  });

  it("is a file that is not a checkpoint, or one of another run", async () => {
    const [text, tensors, run] = [file("text"), file("tensors"), file("run")];
    writeFileSync(text, "not a checkpoint");
    saveSafetensors({}, tensors);
    await runApp("--images", "50", "--epochs", "1", "--save", run, "--quiet");
    const complain = async (...args: string[]) => (await runApp(...args)).stderr;
    expect(await complain("--resume", text)).toMatch(
      /^error: cannot resume from .*text: a header of \d+ bytes is/,
    );
    expect(await complain("--resume", tensors)).toContain("this is a safetensors file, but not a checkpoint");
    expect(await complain("--resume", run, "--seed", "5")).toBe(
      `error: ${run} was made with seed 0, not 5\n`,
    );
  });

  it("is not help", async () => {
    const { code, stdout } = await runApp("--help");
    expect([code, stdout.includes("--resume <file>")]).toEqual([0, true]);
  });
});
