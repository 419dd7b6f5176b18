import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { loadCheckpoint } from "thalweg";
import { afterAll, describe, expect, test } from "vitest";
import {
  commandOf,
  type LauncherName,
  launch,
  launchers,
  skips,
} from "../../../packages/distributed/test/launchers";

/** The program on the published builds, which start three times as fast as the sources. */
const program = [
  process.execPath,
  "--import",
  import.meta.resolve("tsx"),
  fileURLToPath(new URL("../src/main.ts", import.meta.url)),
  "--distributed",
];
const folder = mkdtempSync(join(tmpdir(), "digits-distributed-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => join(folder, name);

const names = Object.keys(launchers) as LauncherName[];

/** The share of the test images that were read right. */
const accuracyOf = (text: string) => Number(/test accuracy: ([\d.]+) %/.exec(text)?.[1]);

const epochOf = async (path: string) => (await loadCheckpoint<{ epoch: number }>(path)).epoch;

/** The processes that were started by one, and by these. */
function below(pid: number): number[] {
  const children = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]) === pid;
    } catch {
      return false; // It has ended.
    }
  });
  return children.flatMap((name) => [Number(name), ...below(Number(name))]);
}

const isRank = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(process.execPath);

describe.skipIf(skips())("digits, distributed", () => {
  test.each(names)("learns on two processes of %s, and prints once", async (name) => {
    const args = ["--epochs", "1", "--compile", "--save", inFolder(`${name}.safetensors`)];
    const { code, stdout, stderr } = await launch(name, 2, [...program, ...args]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.match(/test accuracy: /g)).toHaveLength(1);
    expect(accuracyOf(stdout)).toBeGreaterThan(88);
  });

  test("goes on with another number of processes", async () => {
    const path = inFolder("resumed.safetensors");
    const small = ["--images", "1280", "--save", path];
    await launch("MPICH", 2, [...program, ...small, "--epochs", "1"]);
    expect(await epochOf(path)).toBe(1);
    const { code, stdout } = await launch("Open MPI", 4, [...program, "--resume", path, "--epochs", "2"]);
    expect(code).toBe(0);
    expect(stdout).toContain("going on in epoch 2");
    expect(await epochOf(path)).toBe(2);
  });

  test("says what it cannot do, once", async () => {
    const { code, stdout, stderr } = await launch("MPICH", 3, [...program, "--epochs", "1"]);
    expect(code).toBe(2);
    expect(stdout).not.toContain("accuracy");
    const message = /error: 3 processes cannot divide batches of 64 images: use --batch-size 66/g;
    expect(stderr.match(message)).toHaveLength(1);
  });

  test("ends when a process is killed at any moment, and goes on from its last checkpoint", async () => {
    const path = inFolder("killed.safetensors");
    const times = Number(process.env.THALWEG_KILLS ?? 1);
    const first = ["--images", "640", "--batch-size", "32", "--save", path, "--epochs", "1"];
    await launch("MPICH", 4, [...program, ...first]);
    for (let i = 0; i < times; i++) {
      const done = await epochOf(path);
      const name = names[(done + i) % 2]!;
      const more = ["--resume", path, "--epochs", String(done + 1000)];
      const { command, args, env } = commandOf(name, 4, [...program, ...more]);
      const child = spawn(command, args, { env, stdio: "ignore" });
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      const ranks = () => below(child.pid!).filter(isRank);
      await expect.poll(ranks).toHaveLength(4);
      await setTimeout(4000 * Math.random());
      process.kill(ranks()[Math.floor(4 * Math.random())]!, "SIGKILL");
      expect(await ended).not.toBe(0);
      expect(await epochOf(path)).toBeGreaterThanOrEqual(done);
    }
    const done = await epochOf(path);
    const { code } = await launch("MPICH", 4, [...program, "--resume", path, "--epochs", String(done + 1)]);
    expect(code).toBe(0);
    expect(await epochOf(path)).toBe(done + 1);
  });
});
