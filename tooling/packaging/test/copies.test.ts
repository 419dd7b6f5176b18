import { execFile } from "node:child_process";
import { cp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryDirectory } from "../src/pack.js";
import { repository } from "../src/run.js";

const program = fileURLToPath(new URL("programs/copies.mjs", import.meta.url));
const { version } = JSON.parse(await readFile(join(repository, "packages/tensor/package.json"), "utf8")) as {
  version: string;
};
let folder: string;

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

beforeAll(async () => {
  folder = await temporaryDirectory();
  for (const name of [
    "kernels",
    "cpu",
    "webgpu",
    "tensor",
    "autograd",
    "nn",
    "losses",
    "linalg",
    "distributions",
    "metrics",
    "train",
    "optim",
    "compile",
    "data",
    "io",
    "thalweg",
  ]) {
    const from = join(repository, "packages", name);
    const to = join(folder, "node_modules", name === "thalweg" ? name : `@thalweg/${name}`);
    for (const part of ["package.json", "dist"]) {
      await cp(join(from, part), join(to, part), { recursive: true });
    }
    const manifest = JSON.parse(await readFile(join(from, "package.json"), "utf8")) as Manifest;
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      if (dependency.startsWith("@thalweg/")) continue;
      await symlink(
        await realpath(join(from, "node_modules", dependency)),
        join(folder, "node_modules", dependency),
      );
    }
    if (name !== "tensor") continue;
    for (const file of (await readdir(join(to, "dist"))).filter((path) => path.endsWith(".js"))) {
      const path = join(to, "dist", file);
      const text = await readFile(path, "utf8");
      await writeFile(path, text.replace(`version = "${version}"`, 'version = "77.7.7"'));
    }
  }
});

afterAll(() => rm(folder, { recursive: true }));

test("two copies of the library in one program are distinguished, with their versions", async () => {
  const other = pathToFileURL(join(folder, "node_modules/thalweg/dist/index.js")).href;
  const { stdout } = await promisify(execFile)(process.execPath, [program, other]);
  const is = `of another copy of Thalweg, 77.7.7 beside ${version}`;
  const remedy = "install it once: see `npm ls @thalweg/tensor`";
  expect(stdout.trim().split("\n")).toEqual([
    `add true add: a tensor is ${is}; ${remedy}`,
    `sum true cat: tensors[0] is ${is}; ${remedy}`,
    `optimizer true SGD: a parameter is ${is}; ${remedy}`,
    `named true SGD: a parameter is ${is}; ${remedy}`,
    `layer true Mixed: "layer" is ${is}; ${remedy}`,
    `parameter true Holder: "scale" is ${is}; ${remedy}`,
    `sequential true Sequential: element 1 is ${is}; ${remedy}`,
    `load true loadStateDict: the state does not fit, "bias" is ${is}; ` +
      "build the model as it was when it was saved, or pass { strict: false } for other names",
    `saveSafetensors true saveSafetensors: "x" is ${is}; ${remedy}`,
    `saveCheckpoint true saveCheckpoint: part.x is ${is}; ${remedy}`,
    `saveGenerator true saveCheckpoint: generator is ${is}; ${remedy}`,
    `loadCheckpoint true loadCheckpoint: the checkpoint does not fit, model: loadCheckpoint: it is ${is}; ` +
      `${remedy}; build everything as it was when it was saved`,
    `collate true collate: an example is ${is}; ${remedy}`,
  ]);
});
