import { execFile } from "node:child_process";
import { join } from "node:path";
import { format, promisify } from "node:util";
import * as webgpu from "@thalweg/tensor/webgpu";
import * as testing from "@thalweg/testing";
import fc from "fast-check";
import * as thalweg from "thalweg";
import "thalweg/methods";
import ts from "typescript";
import { type Example, root } from "./find-examples";

/** One line that ends in `// → value`. */
export interface Line {
  readonly expression: string;
  /** The JSON in the comment. */
  readonly expected: string;
  /** The JSON of each value of the expression. */
  readonly actual: string[];
}

const arrow = "// →";

/** The names that examples may use without an import. */
const scope: Readonly<Record<string, unknown>> = { ...thalweg, ...webgpu, ...testing, fc };

// Some exports cannot be the name of a variable.
const names = Object.keys(scope).filter((name) => name !== "default" && name !== "var");

interface Instrumented {
  readonly code: string;
  readonly lines: Line[];
}

/** Passes the value of every expression with an arrow to `$seen`. */
function instrument({ code }: Example): Instrumented {
  const source = ts.createSourceFile("example.ts", code, ts.ScriptTarget.Latest, true);
  const lines: Line[] = [];
  const edits: { start: number; end: number; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node)) {
      const comment = ts.getTrailingCommentRanges(code, node.end)?.[0];
      const text = comment === undefined ? "" : code.slice(comment.pos, comment.end);
      if (text.startsWith(arrow)) {
        const expression = node.expression.getText();
        edits.push({
          start: node.getStart(),
          end: node.end,
          text: `$seen(${lines.length}, (${expression}));`,
        });
        lines.push({ expression, expected: text.slice(arrow.length).trim(), actual: [] });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const written = code.split(arrow).length - 1;
  if (written !== lines.length)
    throw new Error(`an arrow follows something that is not an expression:\n${code}`);
  const instrumented = edits.reduceRight(
    (text, { start, end, text: replacement }) => text.slice(0, start) + replacement + text.slice(end),
    code,
  );
  return { code: instrumented, lines };
}

/** The import declarations of compiled code as declarations of constants, which a function may contain. */
const withoutImports = (code: string): string =>
  code
    .replace(/^import \{ ([^}]*) \} from ("[^"]*");$/gm, (_, names: string, from: string) => {
      return `const { ${names.replaceAll(" as ", ": ")} } = await load(${from});`;
    })
    .replace(/^import \* as (\w+) from ("[^"]*");$/gm, "const $1 = await load($2);")
    .replace(/^import (\w+) from ("[^"]*");$/gm, "const { default: $1 } = await load($2);")
    .replace(/^import ("[^"]*");$/gm, "await load($1);");

const load = (name: string): Promise<unknown> => import(/* @vite-ignore */ name);

type AsyncFunction = new (...args: string[]) => (...values: unknown[]) => Promise<void>;
const AsyncFunction = (async () => {}).constructor as AsyncFunction;

/** What an example did. */
export interface Ran {
  readonly lines: readonly Line[];
  /** What it wrote with `console.log`. */
  readonly printed: string;
}

/** The arguments with which Node runs a program from the sources, its workers, too. */
export function argumentsOf(file: string): string[] {
  const registers = `import { register } from "${import.meta.resolve("tsx/esm/api")}"; register();`;
  const start = `data:text/javascript,${encodeURIComponent(registers)}`;
  return ["--conditions=@thalweg/source", "--import", start, join(root, file)];
}

/** Runs an example with the names of the library in scope. Workers need a file, so a program that starts some has a process. */
export async function runExample(example: Example): Promise<Ran> {
  if (example.code.includes("node:worker_threads")) {
    const { stdout } = await promisify(execFile)(process.execPath, argumentsOf(example.file));
    return { lines: [], printed: stdout };
  }
  const { code, lines } = instrument(example);
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  // A separate block lets an example declare any name.
  const body = `"use strict";{\n${withoutImports(outputText)}\n}`;
  const run = new AsyncFunction(...names, "$seen", "load", "console", body);
  const seen = (line: number, value: unknown) => lines[line]!.actual.push(String(JSON.stringify(value)));
  let printed = "";
  const log = (...values: unknown[]) => (printed += `${format(...values)}\n`);
  await run(...names.map((name) => scope[name]), seen, load, { ...console, log });
  return { lines, printed };
}
