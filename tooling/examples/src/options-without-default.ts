import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { root } from "./find-examples";

/** Says what holds where an option is left out. */
const tells = /\bunless\b|\bby default\b/;

/** Options of packages whose doc comments do not say what holds without them. */
export function optionsWithoutDefault(packages: readonly string[]): string[] {
  return packages.flatMap((name) => {
    const folder = join(root, "packages", name, "src");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
    return sources.flatMap((file) => inFile(join(folder, file)));
  });
}

function inFile(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ESNext, true);
  return source.statements.flatMap((statement) => {
    if (!ts.isInterfaceDeclaration(statement) || !/(Options|Constraints)$/.test(statement.name.text))
      return [];
    const silent = statement.members.filter(
      (member) => member.questionToken !== undefined && !tells.test(commentOf(member)),
    );
    return silent.map((member) => `${relative(root, path)}: ${member.name?.getText()}`);
  });
}

function commentOf(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .map((comment) => comment.getText())
    .join();
}
