import { readFileSync } from "node:fs";
import ts from "typescript";

const reports = new URL("../../../../tooling/contract/reports/", import.meta.url);
const entries = [
  ...[
    "tensor",
    "tensor.methods",
    "autograd",
    "nn",
    "losses",
    "distributions",
    "metrics",
    "train",
    "optim",
    "compile",
    "data",
    "io",
  ],
  ...["distributed", "testing"],
];

/** The public names of the library: exports, members of classes as `Linear.forward`, and of namespaces as `init.normal_` and `linalg.inv`. */
export function ourNames(): ReadonlySet<string> {
  return new Set([...entries.flatMap(namesIn), ...namesIn("linalg").map((name) => `linalg.${name}`)]);
}

function namesIn(name: string): string[] {
  const report = readFileSync(new URL(`${name}.api.md`, reports), "utf8");
  // A constant may not be called `var`, except in these reports.
  const code = /```ts\n(.*?)\n```/s
    .exec(report)![1]!
    .replace("export const var:", "export { var };\nconst _:");
  const source = ts.createSourceFile(`${name}.d.ts`, code, ts.ScriptTarget.Latest, false);
  return source.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return reExported(statement);
    if (!hasExport(statement)) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => name.getText(source));
    if (ts.isModuleDeclaration(statement)) return membersOfNamespace(statement, source);
    const owner = (statement as { name?: ts.Node }).name?.getText(source);
    if (owner === undefined) return [];
    const isClass = ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement);
    return isClass ? [owner, ...membersOf(owner, statement, source)] : [owner];
  });
}

const hasExport = (statement: ts.Statement) =>
  (ts.getCombinedModifierFlags(statement as ts.DeclarationStatement) & ts.ModifierFlags.Export) !== 0;

const reExported = ({ exportClause }: ts.ExportDeclaration): string[] =>
  exportClause !== undefined && ts.isNamedExports(exportClause)
    ? exportClause.elements.map(({ name }) => name.text)
    : [];

function membersOfNamespace({ name, body }: ts.ModuleDeclaration, source: ts.SourceFile): string[] {
  const exports = (body as ts.ModuleBlock).statements.filter(ts.isExportDeclaration).flatMap(reExported);
  return exports.map((member) => `${name.getText(source)}.${member}`);
}

/** The interfaces that give `Tensor` its methods count as `Tensor`. */
const methodsOfTensor = ["OperationMethods", "TensorMethods"];

function membersOf(
  owner: string,
  { members }: ts.ClassDeclaration | ts.InterfaceDeclaration,
  source: ts.SourceFile,
): string[] {
  const as = methodsOfTensor.includes(owner) ? "Tensor" : owner;
  return (members as ts.NodeArray<ts.ClassElement | ts.TypeElement>)
    .map((member) => member.name?.getText(source))
    .filter((name) => name !== undefined)
    .map((name) => `${as}.${name}`);
}
