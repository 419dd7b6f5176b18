import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Writes the methods of Tensor from their functions: names of parameters, overloads, doc comments. */

const source = fileURLToPath(new URL("../../../packages/tensor/src/", import.meta.url));
const kernels = fileURLToPath(new URL("../../../packages/kernels/src/", import.meta.url));

/** A module whose functions are methods, and the files that are written from it. */
interface Group {
  readonly from: string;
  readonly methods: string;
  readonly functions: string;
  /** The interface of the methods, and its doc comment. */
  readonly type: string;
  readonly about: string;
  /** The list of the functions, and its doc comment. */
  readonly list: string;
  readonly listed: string;
}

/** The methods that every tensor has, and those that a program adds by an import. */
export const groups: readonly Group[] = [
  {
    from: "ops/index.ts",
    methods: "tensor-methods.ts",
    functions: "tensor-functions.ts",
    type: "OperationMethods",
    about: "The operations as methods of Tensor.",
    list: "operations",
    listed: "The functions whose names are those of methods.",
  },
  {
    from: "ops/more.ts",
    methods: "more-methods.ts",
    functions: "more-functions.ts",
    type: "MoreMethods",
    about: 'The methods that `import "@thalweg/tensor/methods"` adds to every tensor.',
    list: "moreOperations",
    listed: "The functions whose names are those of the methods.",
  },
];

/** Functions that are not made by `operation` or the like, so that bundlers change their names. */
const unnamed = new Set(["pow", "toAsync"]);

/** The files, and the texts that they should have. */
export function methodTexts(): { readonly file: string; readonly text: string }[] {
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
  const program = ts.createProgram(
    groups.map(({ from }) => join(source, from)),
    options,
  );
  return groups.flatMap((group) => textsOf(group, program));
}

function textsOf(group: Group, program: ts.Program) {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(source, group.from))!)!;
  const found = checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, declaration: valueOf(symbol, checker) }))
    .filter((one): one is Method => one.declaration !== undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(found.map(({ name }) => name));
  const body = found.map((method) => methodOf(method, checker, names)).join("\n");
  const named = found.map(({ name }) => name).filter((name) => !unnamed.has(name));
  const list = (as: string) => named.map((name) => (name === "var" ? as : name)).join(", ");
  const imports = [...declaredTypes(program)]
    .filter(([name]) => new RegExp(`\\b${name}\\b`).test(body.replaceAll(/\/\*\*.*?\*\//gs, "")))
    .map(([name, file]) => `import type { ${name} } from "${specifierOf(file)}";`);
  const head = `// Written by \`pnpm methods\` from the functions in ${group.from}; a test compares.`;
  const specifier = `./${group.from.replace(/(\/index)?\.ts$/, "")}`;
  return [
    {
      file: join(source, group.methods),
      text: `${head}
${imports.join("\n")}

/** ${group.about} */
export interface ${group.type} {
${body}
}
`,
    },
    {
      file: join(source, group.functions),
      text: `${head}
import { ${list("var as variance")} } from "${specifier}";

/** ${group.listed} */
export const ${group.list} = [${list("variance")}] as const;
`,
    },
  ];
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

function methodOf(
  { name, declaration }: Method,
  checker: ts.TypeChecker,
  names: ReadonlySet<string>,
): string {
  const own = (declaration as ts.NamedDeclaration).name!;
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.WriteArrowStyleSignature;
  const signatures = checker.getTypeAtLocation(own).getCallSignatures();
  const lines = signatures.map((signature) => {
    return `  ${asMethod(name, checker.signatureToString(signature, undefined, flags))}`;
  });
  // A declaration in another entry cannot be linked.
  const comment = commentOf(declaration).map((line) =>
    line.replaceAll(/\{@link (\w+)\}/g, (link, of: string) => (names.has(of) ? link : `\`${of}\``)),
  );
  // Each overload has its own comment, which documentation needs.
  return lines.flatMap((line) => [...comment, line]).join("\n");
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
  for (const { file, text } of methodTexts()) ts.sys.writeFile(file, text);
}
