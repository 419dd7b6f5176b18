import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The code of one `@example` block. */
export interface Example {
  /** Path from the root of the repository. */
  readonly file: string;
  /** The symbol of the doc comment: `tensor`, `Tensor.item`. */
  readonly symbol: string;
  readonly code: string;
  /** The text that it prints, where a page shows it. */
  readonly printed?: string;
}

/** Sources of all packages, without tests. */
function sourceFiles(): string[] {
  const packages = join(root, "packages");
  return readdirSync(packages)
    .flatMap((name) => {
      const folder = join(packages, name, "src");
      return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file));
    })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .sort();
}

/** Text of a doc comment without its margin. */
function textOf(doc: ts.JSDoc): string[] {
  return doc
    .getText()
    .replace(/^\/\*\*/, "")
    .replace(/\*\/$/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""));
}

/** The blocks that follow `@example`, each up to the next tag. */
function examplesIn(doc: ts.JSDoc): string[] {
  const blocks: string[][] = [];
  let block: string[] | undefined;
  for (const line of textOf(doc)) {
    const tag = /^@(\w+)/.exec(line);
    if (tag !== null) {
      block = tag[1] === "example" ? [] : undefined;
      if (block !== undefined) blocks.push(block);
    } else block?.push(line);
  }
  return blocks.map((lines) => lines.join("\n").trim());
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations[0]?.name.getText();
  const { name } = node as { name?: ts.Node };
  return name?.getText() ?? (ts.isConstructorDeclaration(node) ? "constructor" : undefined);
}

/** Every `@example` in a file. */
function examplesOf(path: string): Example[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: Example[] = [];
  const seen = new Set<ts.JSDoc>();
  const visit = (node: ts.Node, owner: string | undefined): void => {
    const own = nameOf(node);
    const symbol = [owner, own].filter((name) => name !== undefined).join(".");
    for (const doc of ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)) {
      if (seen.has(doc)) continue;
      seen.add(doc);
      for (const code of examplesIn(doc)) found.push({ file: relative(root, path), symbol, code });
    }
    const isOwner = ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node);
    ts.forEachChild(node, (child) => visit(child, isOwner ? own : owner));
  };
  visit(source, undefined);
  return found;
}

/** The programs whose regions the guides of the site show. */
function programs(): Example[] {
  const folder = join(root, "apps", "site", "examples");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => {
      const path = join(folder, name);
      // What a program does in another library prints the same.
      const text = path.replace(/(\.theirs)?\.ts$/, ".txt");
      return {
        file: relative(root, path),
        symbol: name.replace(/\.ts$/, ""),
        code: readFileSync(path, "utf8"),
        ...(existsSync(text) && { printed: readFileSync(text, "utf8") }),
      };
    });
}

/** The blocks of the packages' READMEs that say which values they have. */
function readmes(): Example[] {
  return readdirSync(join(root, "packages")).flatMap((name) => {
    const file = join("packages", name, "README.md");
    const text = readFileSync(join(root, file), "utf8");
    const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]!);
    return blocks.filter((code) => code.includes("// →")).map((code) => ({ file, symbol: name, code }));
  });
}

/** Every `@example` in the sources of the packages, examples in their READMEs, and the programs of the guides. */
export function findExamples(): Example[] {
  return [...sourceFiles().flatMap(examplesOf), ...readmes(), ...programs()];
}
