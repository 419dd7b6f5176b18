import { join, relative } from "node:path";
import ts from "typescript";
import { exportsOf } from "./check-program";
import { root } from "./find-examples";

/** Matches a text that states a default. */
const tells = /\bunless\b|\bby default\b|\bdefaults? to\b|\bleft out\b|\bwithout (it|one|them|`)/i;
const packages = join(root, "packages");

/**
 * Optional arguments of anything that the files export whose doc comments do not state their default.
 * An option states it in its own comment. A parameter, or an option of an inline type, is named in a sentence of
 * the function's comment that does.
 */
export function silentDefaults(program: ts.Program, files: readonly string[]): string[] {
  const search = new Search(program);
  for (const file of files) for (const symbol of exportsOf(program, file)) search.exported(symbol);
  return [...search.silent].sort();
}

class Search {
  readonly silent: Set<string> = new Set();
  readonly #checker: ts.TypeChecker;
  readonly #seen = new Set<ts.Symbol | ts.Type | ts.Node>();

  constructor(program: ts.Program) {
    this.#checker = program.getTypeChecker();
  }

  exported(symbol: ts.Symbol): void {
    const own = symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
    if (this.#seen.has(own)) return;
    this.#seen.add(own);
    if (own.flags & ts.SymbolFlags.ValueModule) {
      for (const member of this.#checker.getExportsOfModule(own)) this.exported(member);
    }
    const declaration = own.valueDeclaration;
    if (declaration === undefined || !isOwn(declaration)) return;
    const type = this.#checker.getTypeOfSymbol(own);
    const comment = commentOf(declaration);
    for (const signature of type.getCallSignatures()) this.#call(symbol.name, signature, comment);
    for (const signature of type.getConstructSignatures()) this.#call(symbol.name, signature, comment);
    if (own.flags & ts.SymbolFlags.Class) {
      const instance = this.#checker.getDeclaredTypeOfSymbol(own);
      for (const member of [...instance.getProperties(), ...type.getProperties()])
        this.#member(symbol.name, member);
    }
  }

  #member(owner: string, member: ts.Symbol): void {
    const declaration = member.valueDeclaration ?? member.declarations?.[0];
    if (declaration === undefined || !isOwn(declaration) || this.#seen.has(declaration)) return;
    if (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected))
      return;
    this.#seen.add(declaration);
    const signatures = this.#checker.getTypeOfSymbol(member).getCallSignatures();
    for (const signature of signatures)
      this.#call(`${owner}.${member.name}`, signature, commentOf(declaration));
  }

  #call(name: string, signature: ts.Signature, about: string): void {
    const declaration = signature.getDeclaration() as ts.SignatureDeclaration | undefined;
    // Such constructors are not part of the published types.
    if (declaration && ts.getJSDocTags(declaration).some((tag) => tag.tagName.text === "internal")) return;
    const comment = `${about}\n${declaration && isOwn(declaration) ? commentOf(declaration) : ""}`;
    for (const symbol of signature.getParameters()) {
      const parameter = symbol.valueDeclaration;
      if (parameter === undefined || !ts.isParameter(parameter) || !isOwn(parameter)) continue;
      const type = this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(symbol));
      const hasOptions = this.#options(name, type, comment);
      const isOptional = parameter.questionToken !== undefined || parameter.initializer !== undefined;
      if (isOptional && !hasOptions && !tellsOf(comment, symbol.name))
        this.#report(parameter, `${name}: ${symbol.name}`);
    }
  }

  /** Checks the options of a type; false if it is something else. */
  #options(name: string, type: ts.Type, comment: string): boolean {
    if (type.isUnion()) return type.types.map((part) => this.#options(name, part, comment)).includes(true);
    if (type.isClass() || type.getCallSignatures().length > 0) return false;
    const own = this.#checker
      .getPropertiesOfType(type)
      .filter(({ declarations }) => declarations?.every(isOwn));
    const optional = own.filter(({ flags }) => flags & ts.SymbolFlags.Optional);
    for (const option of optional) {
      const [declaration] = option.declarations!;
      const { parent } = declaration!;
      const isSilent = ts.isTypeLiteralNode(parent)
        ? !tellsOf(comment, option.name)
        : !tells.test(commentOf(declaration!));
      const owner = ts.isInterfaceDeclaration(parent) ? parent.name.text : name;
      if (isSilent) this.#report(declaration!, `${owner}: ${option.name}`);
    }
    return optional.length > 0;
  }

  #report(node: ts.Node, what: string): void {
    this.silent.add(`${relative(root, node.getSourceFile().fileName)}: ${what}`);
  }
}

function tellsOf(comment: string, name: string): boolean {
  const sentences = comment.split(/\.\s|@(?!link)\w+/);
  return sentences.some((sentence) => tells.test(sentence) && new RegExp(`\\b${name}\\b`).test(sentence));
}

function isOwn(node: ts.Node): boolean {
  return node.getSourceFile().fileName.startsWith(packages);
}

/** The doc comments of a declaration, without examples. */
function commentOf(node: ts.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = comments.map((comment) =>
    comment
      .getText()
      .replaceAll(/^\s*\*/gm, "")
      .replaceAll(/\s+/g, " "),
  );
  return text.map((each) => each.replace(/@example.*/s, "")).join("\n");
}
