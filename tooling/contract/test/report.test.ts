import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { describe as describeEntry, entries, missingFrom } from "../src/report";

const folder = mkdtempSync(join(tmpdir(), "thalweg-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

function described(types: string) {
  writeFileSync(join(folder, "package.json"), '{ "name": "shapes" }');
  writeFileSync(join(folder, "index.d.ts"), types);
  const entry = { name: "shapes", folder, types: join(folder, "index.d.ts"), file: "shapes.api.md" };
  return describeEntry(entry, folder);
}

it("accepts types that are exported and documented", () => {
  const { text, problems } = described(
    "/** A circle. */\nexport interface Circle {\n  readonly radius: number;\n}\n",
  );
  expect(problems).toEqual([]);
  expect(text).toContain("export interface Circle {\n");
});

it("refuses a type that a public signature names and no one can import", () => {
  const { problems } = described(
    "interface Circle {\n  readonly radius: number;\n}\n/** The area. */\nexport function area(of: Circle): number;\nexport {};\n",
  );
  expect(problems).toEqual(['The symbol "Circle" needs to be exported by the entry point index.d.ts']);
});

it("refuses an export without a doc comment", () => {
  const { problems } = described("export interface Circle {\n  readonly radius: number;\n}\n");
  expect(problems).toEqual(["This has no doc comment: export interface Circle {"]);
});

it("lists the declarations that differ", () => {
  expect(missingFrom("a\n\nb\n\nc", "a\n\nd\n\nc")).toEqual(["d"]);
});

it("knows all public entries", () => {
  const names = entries().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["thalweg", "thalweg/webgpu", "@thalweg/tensor/webgpu"]));
  expect(names).not.toContain("@thalweg/tensor/internal");
});
