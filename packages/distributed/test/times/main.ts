import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LauncherName, launch, launchers } from "../launchers";

/** Prints the median time of `allReduce` of 25 MB on two ranks, beside the same call from C where there is a compiler. */

const length = 6_250_000;
const calls = 41;
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "thalweg-times-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

async function time(name: LauncherName, title: string, command: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await launch(name, 2, command);
  if (code !== 0) throw new Error(`${name} ended with the code ${code}\n${stderr}`);
  const times = stdout
    .trim()
    .split("\n")
    .map(Number)
    .sort((a, b) => a - b);
  console.log(`${name.padEnd(9)} ${title.padEnd(8)} ${times[times.length >> 1]!.toFixed(1)} ms`);
}

for (const name of Object.keys(launchers) as LauncherName[]) {
  const program = join(folder, name);
  const compiler = `mpicc.${launchers[name].command.split(".")[1]}`;
  const { status } = spawnSync(compiler, ["-O2", "-o", program, file("all-reduce.c")]);
  if (status === 0) await time(name, "C", [program, String(length), String(calls)]);
  const node = [process.execPath, "--conditions=@thalweg/source", "--import", "tsx", file("all-reduce.ts")];
  for (const reduction of ["mpi", "ordered"])
    await time(name, reduction, [...node, String(length), String(calls), reduction]);
}
