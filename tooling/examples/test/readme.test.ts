import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const text = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]!);

// Each block becomes a module; the one that declares the optimizer has the name that the next one imports.
const folder = fileURLToPath(new URL("./readme/", import.meta.url));
mkdirSync(folder, { recursive: true });
const files = blocks.map((block, i) => {
  const name = block.includes("export const Adan") ? "adan" : `block-${i}`;
  const path = `${folder}${name}.ts`;
  writeFileSync(path, block);
  return { path, name };
});

it("has the loop, an optimizer with its laws, a gradient test, a checkpoint, a profile, a wait for WebAssembly, a compiled step, and a loop on a GPU", () => {
  expect(files.map(({ name }) => name)).toEqual([
    "block-0",
    "adan",
    "block-2",
    "block-3",
    "block-4",
    "block-5",
    "block-6",
    "block-7",
    "block-8",
  ]);
  for (const block of blocks.slice(2)) expect(block.trim().split("\n").length).toBeLessThan(20);
});

it("shows the optimizer of apps/custom-optimizer, and its test, verbatim", () => {
  const source = (name: string) =>
    readFileSync(new URL(`../../../apps/custom-optimizer/src/${name}`, import.meta.url), "utf8");
  expect(blocks.slice(1, 3)).toEqual([source("adan.ts"), source("adan.test.ts")]);
});

// The modules run here, and their tests are collected with the one above.
for (const { path } of files) {
  await import(/* @vite-ignore */ path).catch((error: { op?: string }) => {
    if (error.op !== "initWebGPU" || process.env.CI) throw error;
    console.warn(`not run, there is no device: ${error}`);
  });
}
