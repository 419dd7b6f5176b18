import { join, relative } from "node:path";
import ts from "typescript";
import { type Example, root } from "./find-examples";

const here = join(root, "tooling", "examples");

/** The entry of each package. */
export const entries: readonly string[] = [
  ...[
    "autograd",
    "blas",
    "compile",
    "data",
    "distributed",
    "distributions",
    "io",
    "linalg",
    "losses",
    "metrics",
    "nn",
    "optim",
    "tensor",
    "testing",
    "train",
    "thalweg",
  ].map((name) => join(root, "packages", name, "src", "index.ts")),
  ...["more.ts", "webgpu.ts"].map((file) => join(root, "packages", "tensor", "src", file)),
];

/** The names that examples may use, by the path to import them from. */
const importable = {
  thalweg: "packages/thalweg/src/index.ts",
  "@thalweg/tensor/webgpu": "packages/tensor/src/webgpu.ts",
  "@thalweg/testing": "packages/testing/src/index.ts",
};

function options(): ts.CompilerOptions {
  const path = join(here, "tsconfig.json");
  const { config } = ts.readConfigFile(path, ts.sys.readFile) as { config: unknown };
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, here);
  return { ...parsed.options, noUnusedLocals: false, noUnusedParameters: false, verbatimModuleSyntax: false };
}

/** A host that holds some files in memory. */
function hostWith(files: ReadonlyMap<string, string>, settings: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(settings, true);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = files.get(path);
    return text === undefined
      ? getSourceFile(path, version, ...rest)
      : ts.createSourceFile(path, text, version, true);
  };
  return host;
}

/** The exports of a file of the program. */
export function exportsOf(program: ts.Program, path: string): ts.Symbol[] {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(path)!);
  return module === undefined ? [] : checker.getExportsOfModule(module);
}

/** Names that the code uses, and names that it declares itself. */
function identifiers(code: string): { used: Set<string>; declared: Set<string> } {
  const used = new Set<string>();
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { name } = node.parent as { name?: ts.Node };
      if (name !== node) used.add(node.text);
      else if (!ts.isPropertyAccessExpression(node.parent)) declared.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("example.ts", code, ts.ScriptTarget.Latest, true));
  return { used, declared };
}

/** The example as a module that imports the names it uses. */
function moduleOf({ code }: Example, library: ReadonlyMap<string, readonly string[]>): string {
  const { used, declared } = identifiers(code);
  const imports = [...library].map(([from, names]) => {
    const wanted = names.filter((name) => used.has(name) && !declared.has(name));
    return `import { ${wanted.join(", ")} } from "${from}";`;
  });
  if (!declared.has("fc")) imports.push('import fc from "fast-check";');
  return [...imports, code, "export {};"].join("\n");
}

/** All packages as one program, and other files, by their paths. */
export function programWith(files: ReadonlyMap<string, string> = new Map()): ts.Program {
  const settings = options();
  return ts.createProgram([...entries, ...files.keys()], settings, hostWith(files, settings));
}

export interface Checked {
  /** The compiler's errors in examples, by their position. */
  readonly errors: ReadonlyMap<number, readonly string[]>;
  /** Exports without a doc comment, as `file: name`. */
  readonly undocumented: readonly string[];
}

/** Compiles all examples in one program, and checks the exports of every package. */
export function checkProgram(examples: readonly Example[]): Checked {
  const settings = options();
  const first = programWith();
  const names = new Map(
    Object.entries(importable).map(
      ([name, path]) => [name, exportsOf(first, join(root, path)).map((s) => s.name)] as const,
    ),
  );
  const paths = examples.map((_, i) => join(here, "test", `example-${i}.ts`));
  const files = new Map(examples.map((example, i) => [paths[i]!, moduleOf(example, names)]));
  const program = ts.createProgram([...entries, ...paths], settings, hostWith(files, settings), first);
  const errors = new Map<number, string[]>();
  paths.forEach((path, i) => {
    const source = program.getSourceFile(path)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    if (found.length > 0) {
      errors.set(
        i,
        found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
      );
    }
  });
  return { errors, undocumented: undocumented(program) };
}

function undocumented(program: ts.Program): string[] {
  const checker = program.getTypeChecker();
  const missing = new Set<string>();
  for (const entry of entries) {
    for (const symbol of exportsOf(program, entry)) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const declarations = target.declarations ?? [];
      const own = declarations.filter((node) =>
        node.getSourceFile().fileName.startsWith(join(root, "packages")),
      );
      if (own.length === 0 || own.some(isDocumented)) continue;
      missing.add(`${relative(root, own[0]!.getSourceFile().fileName)}: ${symbol.name}`);
    }
  }
  return [...missing].sort();
}

function isDocumented(node: ts.Declaration): boolean {
  // A module that is exported under a name is documented by its members.
  return ts.isSourceFile(node) || ts.getJSDocCommentsAndTags(node).some(ts.isJSDoc);
}
