import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../test/busy.ts", import.meta.url));

describe("Ctrl-C", { timeout: 30_000 }, () => {
  it("asks a program to end, and ends it when it is pressed again", async () => {
    const node = ["--import", import.meta.resolve("tsx"), "--conditions=@thalweg/source"];
    const child = spawn(process.execPath, [...node, program], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout.on("data", (text) => {
      printed += text;
      child.kill("SIGINT");
    });
    const signal = await new Promise((resolve) => child.once("exit", (_, name) => resolve(name)));
    expect([printed, signal]).toEqual(["started\nasked to end\n", "SIGINT"]);
  });
});
