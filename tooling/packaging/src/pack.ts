import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository, run } from "./run.js";

export interface Tarball {
  name: string;
  filename: string;
}

/** Makes a temporary directory outside the repository. */
export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "thalweg-packaging-"));
}

/** Packs every public package into `directory`, as it would be published. */
async function packAll(directory: string): Promise<Tarball[]> {
  await requireBuild();
  const printed = await run("pnpm", [
    "--recursive",
    "--filter=./packages/*",
    "pack",
    "--json",
    `--pack-destination=${directory}`,
  ]);
  return JSON.parse(printed);
}

/** Packs into a temporary directory that is removed after `use`. */
export async function withTarballs<T>(use: (tarballs: Tarball[]) => Promise<T>): Promise<T> {
  const directory = await temporaryDirectory();
  try {
    return await use(await packAll(directory));
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function requireBuild() {
  try {
    await access(join(repository, "packages/tensor/dist"));
  } catch {
    throw new Error("pack: packages are not built; run `pnpm build` first");
  }
}
