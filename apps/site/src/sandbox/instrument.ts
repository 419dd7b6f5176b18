import type TypeScript from "typescript";

type Compiler = typeof TypeScript;

/** Where a compiled program finds what it imports. */
export interface Sources {
  readonly library: string;
  readonly sandbox: string;
}

/** The name under which a compiled program knows the sandbox. */
const sandbox = "__sandbox";
const watchedMethods = new Set(["forward", "backward", "step"]);
const watchedFunctions = /(Loss|^crossEntropy|^binaryCrossEntropy|^binaryCrossEntropyWithLogits|^klDiv)$/;

/** JavaScript that does what a program in TypeScript does, and tells the sandbox which lines run. */
export function compile(ts: Compiler, source: string, { library, sandbox: from }: Sources): string {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    transformers: { before: [watch(ts, library)] },
  });
  return [`import { sandbox as ${sandbox} } from "${from}";`, outputText, `${sandbox}.done();`].join("\n");
}

/** Adds a call before each statement, and around the calls that make a training step. */
function watch(ts: Compiler, library: string): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => (file) => {
    const { factory } = context;
    const lineNumber = (node: TypeScript.Node) =>
      file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    const lineOf = (node: TypeScript.Node) => factory.createNumericLiteral(lineNumber(node));
    const tell = (name: string, values: TypeScript.Expression[]) =>
      factory.createCallExpression(
        factory.createPropertyAccessExpression(factory.createIdentifier(sandbox), name),
        undefined,
        values,
      );
    /** The line of the statement that is being visited. */
    let current = 0;
    /** An expression that tells its line first, where that is not the line of its statement. */
    const located = (node: TypeScript.Node, result: TypeScript.Expression) =>
      lineNumber(node) === current
        ? result
        : factory.createParenthesizedExpression(factory.createComma(tell("at", [lineOf(node)]), result));
    const runs = (statement: TypeScript.Statement) =>
      !ts.isImportDeclaration(statement) &&
      !ts.isExportDeclaration(statement) &&
      !ts.isFunctionDeclaration(statement) &&
      !ts.isInterfaceDeclaration(statement) &&
      !ts.isTypeAliasDeclaration(statement);
    const withLines = (statements: readonly TypeScript.Statement[]) =>
      statements.flatMap((statement) => {
        current = lineNumber(statement);
        const visited = ts.visitNode(statement, visit) as TypeScript.Statement;
        return runs(statement)
          ? [factory.createExpressionStatement(tell("line", [lineOf(statement)])), visited]
          : [visited];
      });

    function visitCall(call: TypeScript.CallExpression): TypeScript.Node {
      const { expression } = call;
      const values = factory.createArrayLiteralExpression(ts.visitNodes(call.arguments, visit) as never);
      if (ts.isPropertyAccessExpression(expression) && watchedMethods.has(expression.name.text)) {
        if (expression.expression.kind !== ts.SyntaxKind.SuperKeyword) {
          const receiver = ts.visitNode(expression.expression, visit) as TypeScript.Expression;
          const name = factory.createStringLiteral(expression.name.text);
          return tell("method", [lineOf(call), receiver, name, values]);
        }
      } else if (ts.isIdentifier(expression) && watchedFunctions.test(expression.text)) {
        return tell("loss", [lineOf(call), expression, values]);
      }
      return located(call, ts.visitEachChild(call, visit, context));
    }

    /** A loop whose every turn tells its line, so that one that never ends is found. */
    function visitLoop(loop: TypeScript.IterationStatement): TypeScript.Node {
      const visited = ts.visitEachChild(loop, visit, context) as TypeScript.IterationStatement;
      const told = factory.createExpressionStatement(tell("at", [lineOf(loop)]));
      const body = factory.createBlock([told, visited.statement]);
      if (ts.isWhileStatement(visited))
        return factory.updateWhileStatement(visited, visited.expression, body);
      if (ts.isDoStatement(visited)) return factory.updateDoStatement(visited, body, visited.expression);
      if (ts.isForStatement(visited)) {
        const { initializer, condition, incrementor } = visited;
        return factory.updateForStatement(visited, initializer, condition, incrementor, body);
      }
      // The others end when what they go over does.
      return visited;
    }

    /** What a program offers by default goes to the sandbox: nobody could import it. */
    function visitDefault({ expression }: TypeScript.ExportAssignment, line: TypeScript.Expression) {
      const value = ts.visitNode(expression, visit) as TypeScript.Expression;
      return factory.createExpressionStatement(tell("deliver", [line, value]));
    }

    function visit(node: TypeScript.Node): TypeScript.Node {
      if (ts.isBlock(node)) return factory.updateBlock(node, withLines(node.statements));
      if (ts.isCallExpression(node)) return visitCall(node);
      if (ts.isExportAssignment(node)) return visitDefault(node, lineOf(node));
      if (ts.isIterationStatement(node, false)) return visitLoop(node);
      if (ts.isImportDeclaration(node)) return redirect(node);
      return ts.visitEachChild(node, visit, context);
    }

    function redirect(node: TypeScript.ImportDeclaration): TypeScript.Node {
      const { text } = node.moduleSpecifier as TypeScript.StringLiteral;
      if (text !== "thalweg" && !text.startsWith("@thalweg/")) return node;
      return factory.updateImportDeclaration(
        node,
        node.modifiers,
        node.importClause,
        factory.createStringLiteral(library),
        node.attributes,
      );
    }

    return factory.updateSourceFile(file, withLines(file.statements));
  };
}
