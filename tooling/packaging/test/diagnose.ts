import ts from "typescript";

const file = `${import.meta.dirname}/program.ts`;

/** Names that bundlers make up, and members internal to the library: no message may show them. */
export const madeUp =
  /\$|\b_|#private|transparentAs|elementwise|'[A-Z]?[a-z]{1,2}'|\.[A-Za-z]{1,2}'|\b[A-Za-z]+_\d/;

/** The compiler's messages about a program that imports the published packages. */
export function diagnose(program: string): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? program : readFile(name));
  host.getSourceFile = (name, version, ...rest) =>
    name === file ? ts.createSourceFile(name, program, version) : getSourceFile(name, version, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
