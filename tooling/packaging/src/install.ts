import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import type { Tarball } from "./pack.js";
import { run } from "./run.js";

/** A user's project: a program, in TypeScript, and the packages it installs. */
export interface Program {
  name: string;
  dependencies: string[];
  source: string;
}

/**
 * Writes each project into `workspace` and installs only its dependencies, ours from tarballs. Peers must be listed:
 * pnpm would look for missing ones in the registry.
 */
export async function install(workspace: string, projects: readonly Program[], tarballs: Tarball[]) {
  const overrides = Object.fromEntries(tarballs.map(({ name, filename }) => [name, `file:${filename}`]));
  // Without `hoist: false` a package could import undeclared dependencies.
  await writeJson(join(workspace, "pnpm-workspace.yaml"), { packages: ["*"], hoist: false, overrides });
  await writeJson(join(workspace, "package.json"), { private: true });
  for (const { name, dependencies, source } of projects) {
    const folder = join(workspace, name);
    await mkdir(folder);
    await writeFile(join(folder, "main.ts"), source);
    await writeFile(join(folder, "main.js"), transpile(source));
    await writeJson(join(folder, "package.json"), {
      name,
      private: true,
      type: "module",
      dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, "*"])),
    });
  }
  await run("pnpm", ["install", "--prefer-offline", "--no-frozen-lockfile"], workspace);
}

function transpile(source: string) {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}

function writeJson(path: string, value: unknown) {
  return writeFile(path, JSON.stringify(value, null, 2));
}
