import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Described, describe, type Entry, entries, missingFrom } from "./report";

/** Compares what the packages export with the committed reports; with `--update` writes the reports. */

const reports = fileURLToPath(new URL("../reports", import.meta.url));
const isUpdate = process.argv.includes("--update");
const remedy = "If this is meant, run `pnpm contract --update`, read the difference, and commit it.";

const folder = mkdtempSync(join(tmpdir(), "thalweg-contract-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

const all = entries();
const described = new Map(all.map((entry) => [entry, describe(entry, folder)]));

/** The problems of the types, except names that the main entry of the package exports. */
function problemsOf(entry: Entry, { problems }: Described): string[] {
  const main = all.find((other) => other.folder === entry.folder)!;
  const exported = main === entry ? "" : described.get(main)!.text;
  return problems
    .filter((problem) => {
      const name = /^The symbol "(\w+)" needs to be exported/.exec(problem)?.[1];
      return name === undefined || !new RegExp(`^export .*\\b${name}\\b`, "m").test(exported);
    })
    .map((problem) => `${entry.name}: ${problem}`);
}

/** The differences between a report and the exports. */
function differences(entry: Entry, text: string): string[] {
  const committed = readReport(entry.file);
  if (committed === text) return [];
  const lines = [
    ...missingFrom(text, committed).map((block) => block.replaceAll(/^/gm, "- ")),
    ...missingFrom(committed, text).map((block) => block.replaceAll(/^/gm, "+ ")),
  ];
  return [
    `${entry.name} exports something else than tooling/contract/reports/${entry.file} says:`,
    ...lines,
    `${remedy}\n`,
  ];
}

function readReport(file: string): string {
  return files().includes(file) ? readFileSync(join(reports, file), "utf8") : "";
}

function files(): string[] {
  mkdirSync(reports, { recursive: true });
  return readdirSync(reports);
}

const stale = files().filter((file) => all.every((entry) => entry.file !== file));
const wrong = [...described].flatMap(([entry, found]) => problemsOf(entry, found));

if (isUpdate) {
  for (const file of stale) rmSync(join(reports, file));
  for (const [{ file }, { text }] of described) writeFileSync(join(reports, file), text);
} else {
  wrong.push(...[...described].flatMap(([entry, { text }]) => differences(entry, text)));
  wrong.push(...stale.map((file) => `tooling/contract/reports/${file} describes nothing. ${remedy}`));
}

for (const line of wrong) console.error(line);
if (wrong.length === 0) console.log(`${all.length} entries export what their reports say`);
process.exitCode = wrong.length === 0 ? 0 : 1;
