import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const MiB = 2 ** 20;

/** What a program prints that has a process, and so the memory of a process, for itself. */
async function run(program: string) {
  const path = fileURLToPath(new URL(`programs/${program}.ts`, import.meta.url));
  const flags = ["--conditions=@thalweg/source", "--import", "tsx"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, path]);
  return JSON.parse(stdout);
}

it("20,000 eager steps over a million elements, in one job, stay below a gibibyte", async () => {
  const { value, peak, heapBytes, writeBacks } = await run("eager");
  expect(value).toBe(2);
  expect(peak).toBeLessThan(1024 * MiB);
  expect(heapBytes).toBeLessThanOrEqual(260 * MiB);
  expect(writeBacks).toBeGreaterThan(19_000);
}, 180_000);

it("20,000 steps of training, in one job, end with the memory of the first 200", async () => {
  const [early, late] = await run("training");
  expect(late.heapTensors).toBe(early.heapTensors);
  expect(late.heapBytes).toBe(early.heapBytes);
  expect(late.reservedBytes).toBe(early.reservedBytes);
  expect(late.writeBacks).toBe(0);
  expect(late.resident - early.resident).toBeLessThan(64 * MiB);
}, 180_000);
