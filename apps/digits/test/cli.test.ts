import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "digits-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the program as a user does, who presses Ctrl-C when `until` has been printed. */
function digits(args: readonly string[], until?: string) {
  const node = ["--import", import.meta.resolve("tsx"), "--conditions=@thalweg/source"];
  const child = spawn(process.execPath, [...node, program, ...args], { cwd: folder });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (data) => {
      texts[name] += data;
      if (until !== undefined && texts[name].includes(until)) child.kill("SIGINT");
    });
  }
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, ...texts })),
  );
}

describe("the program", { timeout: 60_000 }, () => {
  it("saves on Ctrl-C, says how to go on, and goes on", async () => {
    const { code, stderr } = await digits(["--images", "640"], "epoch 1/15:");
    expect([code, stderr]).toEqual([
      130,
      "error: interrupted in epoch 2, which is saved; go on with: pnpm digits --resume digits-mlp.safetensors\n",
    ]);
    expect(readdirSync(folder)).toEqual(["digits-mlp.safetensors"]);
    const rest = await digits(["--resume", "digits-mlp.safetensors", "--epochs", "3"]);
    expect([rest.code, rest.stderr, rest.stdout.includes("\u001b")]).toEqual([0, "", false]);
    expect(rest.stdout).toMatch(/^going on in epoch 2$/m);
    expect(rest.stdout).toMatch(/^test accuracy: \d\d\.\d\d % \(\d+ of 2000\)$/m);
  });
});
