import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const MiB = 2 ** 20;

interface Run {
  readonly args?: readonly string[];
  /** Programs that run first. */
  readonly preloaded?: readonly string[];
  /** Whether to run the published build instead of the sources. */
  readonly built?: boolean;
}

/** The output of a program in a process, and so with memory, of its own. */
async function run(program: string, { args = [], preloaded = [], built = false }: Run = {}) {
  const path = (name: string) => fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  const imports = ["tsx", ...["own-time", ...preloaded].map(path)].flatMap((module) => ["--import", module]);
  const conditions = built ? [] : ["--conditions=@thalweg/source"];
  const command = [...conditions, ...imports, path(program), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  return JSON.parse(stdout);
}

it("20,000 eager steps over a million elements, in one job, write nothing back", async () => {
  const { value, peak, share, heapBytes, writeBacks } = await run("eager", { args: ["20000"] });
  expect(value).toBe(2);
  expect(peak * share).toBeLessThan(1024 * MiB);
  expect(heapBytes).toBeLessThanOrEqual(260 * MiB);
  expect(writeBacks).toBeLessThan(200);
});

it("1,000 of them write nothing back in the published build, either", async () => {
  const { value, writeBacks } = await run("eager", { args: ["1000"], built: true });
  expect(value).toBe(2);
  expect(writeBacks).toBeLessThan(200);
});

it("5,000 of them stay below a gibibyte where the collector cannot be called, as in browsers", async () => {
  const { value, peak, share, heapBytes, writeBacks } = await run("eager", {
    args: ["5000"],
    preloaded: ["no-collector"],
  });
  expect(value).toBe(2);
  expect(peak * share).toBeLessThan(1024 * MiB);
  expect(heapBytes).toBeLessThanOrEqual(260 * MiB);
  expect(writeBacks).toBeGreaterThan(4_900);
});

it("20,000 steps of training, in one job, end with the memory of the first 200", async () => {
  const [early, late] = await run("training");
  expect(late.heapTensors).toBe(early.heapTensors);
  expect(late.heapBytes).toBe(early.heapBytes);
  expect(late.reservedBytes).toBe(early.reservedBytes);
  expect(late.writeBacks).toBe(0);
  expect(late.resident - early.resident).toBeLessThan(64 * MiB);
});
