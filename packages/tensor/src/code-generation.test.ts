import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { everything, mayGenerateCode } from "../test/everything";
import { setCodeGeneration } from "./index";

const root = fileURLToPath(new URL("..", import.meta.url));

const program = `
  const { everything, mayGenerateCode } = await import("./test/everything.ts");
  console.log(JSON.stringify({ may: mayGenerateCode(), results: everything() }));
`;

/**
 * Runs a process in which code generation from strings is forbidden, as by a Content-Security-Policy. Returns its
 * output.
 */
async function underPolicy(): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--disallow-code-generation-from-strings",
      "--conditions=@thalweg/source",
      "--import=tsx",
      "--input-type=module",
      `--eval=${program}`,
    ],
    { cwd: root, maxBuffer: 2 ** 24 },
  );
  return JSON.parse(stdout);
}

describe("where code generation from strings is forbidden", () => {
  it("everything works, with the same bits", async () => {
    expect(mayGenerateCode()).toBe(true);
    const expected = JSON.parse(JSON.stringify(everything())) as unknown;
    expect(await underPolicy()).toEqual({ may: false, results: expected });
  });

  it("tests can simulate that, and switch back", () => {
    const expected = everything();
    expect(setCodeGeneration(false)).toBe(true);
    try {
      expect(everything()).toEqual(expected);
    } finally {
      expect(setCodeGeneration(true)).toBe(false);
    }
  });
});
