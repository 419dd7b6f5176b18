import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCheckpoint } from "thalweg";
import { afterAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const repository = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "digits-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Runs the program in a process, on the published builds, which start three times as fast as the sources, and presses
 * Ctrl-C once `until` has been printed.
 */
function digits(args: readonly string[], until?: string) {
  const node = ["--import", import.meta.resolve("tsx")];
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

/**
 * Runs the README's command as in a terminal, which sends Ctrl-C to all of its processes at once; returns their output
 * after the last of them has ended.
 */
async function readmeCommand(args: readonly string[], until: string) {
  const command = ["--yes", "pnpm@10", "digits", ...args];
  const child = spawn("npx", command, { cwd: repository, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      const before = text.includes(until);
      text += data;
      if (!before && text.includes(until)) process.kill(-child.pid!, "SIGINT");
    });
  }
  await once(child, "close");
  return text;
}

describe("the README's command", () => {
  it.each([
    ["while it starts", "206,922 parameters"],
    ["in steps that block for hundreds of milliseconds", "epoch 1/9:"],
  ])("saves on Ctrl-C %s", async (_, until) => {
    const path = join(folder, "README's run.safetensors");
    const args = ["--model", "cnn", "--images", "1280", "--batch-size", "640", "--epochs", "9"];
    const text = await readmeCommand([...args, "--save", path], until);
    const [, command] = /interrupted in epoch \d, which is saved; go on with: (.*)/.exec(text) ?? [text];
    const quoted = `'${path.replace("'", "'\\''")}'`;
    expect(command).toBe(`npx --yes pnpm@10 digits --resume ${quoted} --epochs 9`);
    const { epoch, settings } = await loadCheckpoint<{ epoch: number; settings: object }>(path);
    expect(epoch).toBeLessThan(9);
    expect(settings).toMatchObject({ model: "cnn", batchSize: 640 });
    expect(text).not.toContain("error:");
    rmSync(path);
  });
});

describe("the program", () => {
  it("saves on Ctrl-C, says how to resume, and resumes", async () => {
    const { code, stderr } = await digits(["--images", "640"], "epoch 1/15:");
    expect([code, stderr]).toEqual([
      130,
      "interrupted in epoch 2, which is saved; go on with: npx --yes pnpm@10 digits --resume digits-mlp.safetensors\n",
    ]);
    expect(readdirSync(folder)).toEqual(["digits-mlp.safetensors"]);
    const rest = await digits(["--resume", "digits-mlp.safetensors", "--epochs", "3"]);
    expect([rest.code, rest.stderr, rest.stdout.includes("\u001b")]).toEqual([0, "", false]);
    expect(rest.stdout).toMatch(/^going on in epoch 2$/m);
    expect(rest.stdout).toMatch(/^test accuracy: \d\d\.\d\d % \(\d+ of 2000\)$/m);
  });
});
