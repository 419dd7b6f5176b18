import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../test/busy.ts", import.meta.url));

/** Runs the program, and calls `press` once it has started; returns its output, and the signal that ended it. */
async function run(press: (child: ChildProcess) => void) {
  const node = ["--import", import.meta.resolve("tsx"), "--conditions=@thalweg/source"];
  const child = spawn(process.execPath, [...node, program], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (text) => {
    if (printed === "") press(child);
    printed += text;
  });
  const signal = await new Promise((resolve) => child.once("exit", (_, name) => resolve(name)));
  return [printed, signal];
}

describe("Ctrl-C", () => {
  it("asks a program to end, and ends it when pressed again", async () => {
    const again = (child: ChildProcess) => {
      const timer = setInterval(() => child.kill("SIGINT"), 200);
      child.once("exit", () => clearInterval(timer));
    };
    expect(await run(again)).toEqual(["started\nasked to end\n", "SIGINT"]);
  });

  it("counts as one press when the programs in between pass it on, even while a step blocks", async () => {
    const passedOn = (child: ChildProcess) => {
      const signals = ["SIGINT", "SIGINT", "SIGTERM"] as const;
      for (const [k, signal] of signals.entries()) setTimeout(() => child.kill(signal), 40 * k);
      child.stdout!.on("data", () => setTimeout(() => child.kill("SIGUSR2"), 500));
    };
    expect(await run(passedOn)).toEqual(["started\nasked to end\n", "SIGUSR2"]);
  });
});
