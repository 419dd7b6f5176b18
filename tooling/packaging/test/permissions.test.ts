import { execFile } from "node:child_process";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadCheckpoint, saveCheckpoint } from "thalweg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryDirectory } from "../src/pack.js";
import { repository } from "../src/run.js";

const flag = ["--permission", "--experimental-permission"].find((name) =>
  process.allowedNodeEnvironmentFlags.has(name),
);
const program = fileURLToPath(new URL("programs/save.mjs", import.meta.url));
let folder: string;
let from: string;

beforeAll(async () => {
  folder = await temporaryDirectory();
  from = join(folder, "from.safetensors");
  await saveCheckpoint(from, { epoch: 3 });
});

afterAll(() => rm(folder, { recursive: true }));

/** The output of the program, which may write to one folder. */
async function run(to: string, writable: string): Promise<string> {
  const read = [repository, folder].map((path) => `--allow-fs-read=${path}/*`);
  const write = `--allow-fs-write=${writable}/*`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[flag!, "--no-warnings", ...read, write],
    ...[program, from, to],
  ]);
  return stdout;
}

test.runIf(flag)("under Node's permissions a file is saved where that is permitted", async () => {
  const here = join(folder, "here");
  await mkdir(here);
  const to = join(here, "to.safetensors");
  expect(await run(to, here)).toBe("saved\n");
  expect(await loadCheckpoint(to)).toEqual({ epoch: 3 });
  expect(await readdir(here)).toEqual(["to.safetensors"]);
});

test.runIf(flag)("and where it is not, an error says what to allow", async () => {
  const [here, there] = [join(folder, "a"), join(folder, "b")];
  await Promise.all([mkdir(here), mkdir(there)]);
  const to = join(there, "to.safetensors");
  const said = await run(to, here);
  expect(said).toContain(`FileError saveCheckpoint: cannot write "${to}", `);
  expect(said).toContain("; let Node write to its folder: --allow-fs-write=...");
});
