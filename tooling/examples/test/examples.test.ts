import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findExamples, root } from "../src/find-examples";
import { runExample } from "../src/run-example";

const examples = findExamples();

/** Titles by file and symbol; further examples of one symbol are numbered. */
const counts = new Map<string, number>();
const titled = examples.map((example) => {
  const title = `${example.file}: ${example.symbol}`;
  const count = (counts.get(title) ?? 0) + 1;
  counts.set(title, count);
  return [count === 1 ? title : `${title} (${count})`, example] as const;
});

describe("an example", () => {
  it.for(titled)("%s", async ([, example], { skip }) => {
    const { lines, printed } = await runExample(example).catch((error: { op?: string }) => {
      skip(error.op === "initWebGPU" && !process.env.CI, `no device: ${error}`);
      throw error;
    });
    for (const { expression, expected, actual } of lines) {
      expect(actual.length, `${expression} was never reached`).toBeGreaterThan(0);
      for (const value of actual) expect(value, expression).toBe(expected);
    }
    if (example.printed !== undefined) expect(printed).toBe(example.printed);
  });
});

it("finds the examples, and the values they show", () => {
  expect(examples.length).toBeGreaterThanOrEqual(40);
  expect(examples.filter(({ code }) => code.includes("// →")).length).toBeGreaterThanOrEqual(40);
  expect(examples.every(({ symbol, code }) => symbol !== "" && code !== "")).toBe(true);
});

it("has all code of the guides: their pages import it", () => {
  const folder = join(root, "apps", "site", "pages");
  const pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /^(zh\/)?guide\/.*\.md$/.test(name),
  );
  const text = new Map(pages.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  expect(pages.length).toBeGreaterThan(30);
  expect([...text].filter(([, page]) => /^```(ts|js)\b/m.test(page)).map(([name]) => name)).toEqual([]);
  const shown = new Set(
    [...text.values()].flatMap((page) => page.match(/(?<=examples\/)[\w.-]+\.ts/g) ?? []),
  );
  const programs = examples.filter(({ file }) => file.startsWith("apps/site/"));
  expect(programs.map(({ file }) => file.replace(/.*\//, "")).sort()).toEqual([...shown].sort());
});

describe("the runner", () => {
  const example = (code: string) => ({ file: "none.ts", symbol: "none", code });

  it("sees values in blocks and loops, and over several lines", async () => {
    const { lines } = await runExample(
      example("for (const x of [1, 1]) {\n  tensor([\n    x,\n  ]).toArray(); // → [1]\n}"),
    );
    expect(lines).toEqual([
      { expression: expect.stringContaining("tensor"), expected: "[1]", actual: ["[1]", "[1]"] },
    ]);
  });

  it("lets an example declare a name that the library has", async () => {
    const {
      lines: [line],
    } = await runExample(example("const tensor = (x: number) => x * 2;\ntensor(4); // → 8"));
    expect(line!.actual).toEqual(["8"]);
  });

  it("runs imports, and keeps what is printed", async () => {
    const { lines, printed } = await runExample(
      example(
        'import fc from "fast-check";\nimport { basename as last } from "node:path";\nconsole.log(last("a/b"), 1);\ntypeof fc.assert; // → "function"',
      ),
    );
    expect(lines[0]!.actual).toEqual(['"function"']);
    expect(printed).toBe("b 1\n");
  });

  it("notices a wrong value, an arrow that cannot be checked, and a failure", async () => {
    const {
      lines: [line],
    } = await runExample(example("undefined; // → 1"));
    expect(line!.actual).toEqual(["undefined"]);
    await expect(runExample(example("const x = 1; // → 1"))).rejects.toThrow(
      "an arrow follows something that is not an expression",
    );
    await expect(runExample(example("tensor([[1], [2, 3]]);"))).rejects.toThrow("rows differ in length");
  });
});
