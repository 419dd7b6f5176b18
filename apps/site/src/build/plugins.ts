import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { UserConfig } from "vitepress";
import { compile } from "../sandbox/instrument";
import { imagesFile } from "./images-file";

type Plugins = NonNullable<NonNullable<UserConfig["vite"]>["plugins"]>;

const require = createRequire(import.meta.url);
const observer = fileURLToPath(new URL("../sandbox/observer.ts", import.meta.url));

/** What a program in the sandbox finds besides the language and the library. */
const globals = `
declare const console: Record<"log" | "info" | "warn" | "error" | "debug", (...values: unknown[]) => void>;
declare const performance: { now(): number };
declare function setTimeout(call: () => void, milliseconds?: number): number;
`;

/** The declarations of a package and of those that it depends on. */
function declarationsOf(folder: string, found: Map<string, string>): void {
  const description = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { name, dependencies = {}, exports } = description;
  const place = `/node_modules/${name}`;
  if (found.has(`${place}/package.json`)) return;
  found.set(`${place}/package.json`, JSON.stringify({ name, type: "module", exports }));
  for (const file of readdirSync(join(folder, "dist")).filter((file) => file.endsWith(".d.ts"))) {
    found.set(`${place}/dist/${file}`, readFileSync(join(folder, "dist", file), "utf8"));
  }
  const ours = Object.keys(dependencies).filter((other) => other.startsWith("@thalweg/"));
  for (const other of ours) declarationsOf(join(folder, "node_modules", other), found);
}

function allDeclarations(): Record<string, string> {
  const found = new Map([["/globals.d.ts", globals]]);
  const language = dirname(require.resolve("typescript"));
  for (const file of readdirSync(language).filter((file) => /^lib\.(es|decorators).*\.d\.ts$/.test(file))) {
    found.set(`/${file}`, readFileSync(join(language, file), "utf8"));
  }
  declarationsOf(dirname(dirname(require.resolve("thalweg"))), found);
  return Object.fromEntries(found);
}

/** Makes `virtual:declarations`. */
function declarations(): Plugins {
  const name = "virtual:declarations";
  return [
    {
      name,
      resolveId: (id: string) => (id === name ? `\0${name}` : undefined),
      load: (id: string) =>
        id === `\0${name}`
          ? `export default JSON.parse(${JSON.stringify(JSON.stringify(allDeclarations()))});`
          : undefined,
    },
  ];
}

/** Makes modules of `?watched`: a program that tells what it does, as those in the sandbox do, but needs no compiler in the page. */
function watchedPrograms(): Plugins {
  const ending = ".ts?watched";
  return [
    {
      name: "watched-programs",
      enforce: "pre",
      load(id: string) {
        if (!id.endsWith(ending)) return undefined;
        const source = readFileSync(id.slice(0, -"?watched".length), "utf8");
        return compile(ts, source, { library: "thalweg", sandbox: observer });
      },
    },
  ];
}

/** Makes `virtual:digits`, the address of the handwritten digits. */
function digitImages(): Plugins {
  return [
    {
      name: "digit-images",
      resolveId: (id: string) => (id === "virtual:digits" ? `${imagesFile}?url` : undefined),
    },
  ];
}

/** Makes all modules that are no files. */
export function modules(): Plugins {
  return [declarations(), watchedPrograms(), digitImages()];
}

/** Keeps the exports of workers' entries, which Vite would drop: programs in the sandbox import from one. */
export function workerExports(): Plugins {
  return [
    {
      name: "worker-exports",
      options: (options: object) => ({ ...options, preserveEntrySignatures: "allow-extension" as const }),
    },
  ];
}
