import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Writes the methods of Tensor from their functions: names of parameters, overloads, doc comments. */

const source = fileURLToPath(new URL("../../../packages/tensor/src/", import.meta.url));
const kernels = fileURLToPath(new URL("../../../packages/kernels/src/", import.meta.url));
/** The files to write: the types of the methods, and a list of the functions. */
export const targets = {
  methods: join(source, "tensor-methods.ts"),
  functions: join(source, "tensor-functions.ts"),
};

const head = `// Written by \`pnpm methods\` from the functions in ops/index.ts; a test compares.`;

/** Functions that are not made by `operation` or the like, so that bundlers change their names. */
const unnamed = new Set(["pow", "toAsync"]);

/** The texts that the files should have. */
export function methodTexts(): Record<keyof typeof targets, string> {
  const entry = join(source, "ops/index.ts");
  const options: ts.CompilerOptions = {
    strict: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
    noEmit: true,
    exactOptionalPropertyTypes: true,
    customConditions: ["@thalweg/source"],
    types: [],
  };
  const program = ts.createProgram([entry], options);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
  const found = checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, declaration: valueOf(symbol, checker) }))
    .filter((one): one is Method => one.declaration !== undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const body = found.map((method) => methodOf(method, checker)).join("\n");
  const named = found.map(({ name }) => name).filter((name) => !unnamed.has(name));
  const list = (as: string) => named.map((name) => (name === "var" ? as : name)).join(", ");
  const imports = [...declaredTypes(program)]
    .filter(([name]) => new RegExp(`\\b${name}\\b`).test(body.replaceAll(/\/\*\*.*?\*\//gs, "")))
    .map(([name, file]) => `import type { ${name} } from "${specifierOf(file)}";`);
  return {
    methods: `${head}\n${imports.join("\n")}\n\n/** The operations as methods of Tensor. */\nexport interface OperationMethods {\n${body}\n}\n`,
    functions: `${head}
import { ${list("var as variance")} } from "./ops";

/** The functions whose names are those of methods. */
export const operations = [${list("variance")}] as const;
`,
  };
}

/** The module that the file imports another file's declarations from. */
function specifierOf(file: string): string {
  return file.startsWith(kernels) ? "@thalweg/kernels" : `./${relative(source, file).replace(/\.ts$/, "")}`;
}

/** A function that is a method, and its declaration. */
interface Method {
  readonly name: string;
  readonly declaration: ts.Declaration;
}

/** The declaration of the value; undefined for types, such as those of options. */
function valueOf(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Declaration | undefined {
  const own = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return own.valueDeclaration;
}

function methodOf({ name, declaration }: Method, checker: ts.TypeChecker): string {
  const own = (declaration as ts.NamedDeclaration).name!;
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.WriteArrowStyleSignature;
  const signatures = checker.getTypeAtLocation(own).getCallSignatures();
  const lines = signatures.map((signature) => {
    return `  ${asMethod(name, checker.signatureToString(signature, undefined, flags))}`;
  });
  return [...commentOf(declaration), ...lines].join("\n");
}

/** The types that the files of the package export, and their files. */
function declaredTypes(program: ts.Program): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of program.getSourceFiles()) {
    if (![source, kernels].some((folder) => file.fileName.startsWith(folder))) continue;
    for (const node of file.statements) {
      if (
        !ts.isInterfaceDeclaration(node) &&
        !ts.isTypeAliasDeclaration(node) &&
        !ts.isClassDeclaration(node)
      )
        continue;
      const isExported = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      if (isExported && node.name) found.set(node.name.text, file.fileName);
    }
  }
  return found;
}

/** The doc comment above a declaration. */
function commentOf(declaration: ts.Declaration): string[] {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const comment = ts.getJSDocCommentsAndTags(statement).find(ts.isJSDoc);
  if (comment === undefined) return [];
  return comment
    .getText()
    .split("\n")
    .map((line, i) => (i === 0 ? `  ${line}` : `   ${line.trimStart()}`));
}

/** \`(x: Tensor, dim?: number) => Tensor\` as \`name(dim?: number): Tensor\`. */
function asMethod(name: string, signature: string): string {
  const file = ts.createSourceFile("f.ts", `type F = ${signature};`, ts.ScriptTarget.ESNext, true);
  const { type } = file.statements[0] as ts.TypeAliasDeclaration;
  const { parameters, type: result } = type as ts.FunctionTypeNode;
  const rest = parameters.slice(1).map((parameter) => {
    const optional = parameter.questionToken === undefined ? "" : "?";
    const dots = parameter.dotDotDotToken === undefined ? "" : "...";
    const named = ts.isIdentifier(parameter.name) ? parameter.name.text : "options";
    const given = parameter.type!.getText();
    return `${dots}${named}${optional}: ${optional ? given.replace(/ \| undefined$/, "") : given}`;
  });
  return `${name}(${rest.join(", ")}): ${result.getText()};`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const texts = methodTexts();
  ts.sys.writeFile(targets.methods, texts.methods);
  ts.sys.writeFile(targets.functions, texts.functions);
}
