import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  Application,
  Comment,
  Context,
  Converter,
  type DeclarationReflection,
  NamedTupleMember,
  PageEvent,
  ParameterReflection,
  ReflectionFlag,
  ReflectionKind,
  type SignatureReflection,
  TupleType,
  type TypeDocOptions,
} from "typedoc";
import type ts from "typescript";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const root = here("../../../../");

/** The entries by the names that they are imported by. What several export belongs to the first. */
const entries: Readonly<Record<string, string>> = {
  "@thalweg/tensor": "packages/tensor/src/index.ts",
  "@thalweg/tensor/methods": "packages/tensor/src/more.ts",
  "@thalweg/tensor/webgpu": "packages/tensor/src/webgpu.ts",
  "@thalweg/autograd": "packages/autograd/src/index.ts",
  "@thalweg/nn": "packages/nn/src/index.ts",
  "@thalweg/losses": "packages/losses/src/index.ts",
  "@thalweg/linalg": "packages/linalg/src/index.ts",
  "@thalweg/distributions": "packages/distributions/src/index.ts",
  "@thalweg/metrics": "packages/metrics/src/index.ts",
  "@thalweg/train": "packages/train/src/index.ts",
  "@thalweg/optim": "packages/optim/src/index.ts",
  "@thalweg/compile": "packages/compile/src/index.ts",
  "@thalweg/data": "packages/data/src/index.ts",
  "@thalweg/io": "packages/io/src/index.ts",
  "@thalweg/blas": "packages/blas/src/index.ts",
  "@thalweg/distributed": "packages/distributed/src/index.ts",
  "@thalweg/testing": "packages/testing/src/index.ts",
  "@thalweg/kernels": "packages/kernels/src/index.ts",
  "@thalweg/cpu": "packages/cpu/src/index.ts",
};
const nameOf = new Map(
  Object.entries(entries).map(([name, path]) => [path.replace(/(\/index)?\.ts$/, ""), name]),
);

const options: TypeDocOptions & Readonly<Record<string, unknown>> = {
  entryPoints: Object.values(entries).map((path) => root + path),
  alwaysCreateEntryPointModule: true,
  tsconfig: here("../../../../tooling/examples/tsconfig.json"),
  // `pnpm types` looks for them.
  skipErrorChecking: true,
  plugin: ["typedoc-plugin-markdown", "typedoc-vitepress-theme"],
  out: here("../../pages/api"),
  docsRoot: here("../../pages"),
  name: "Reference",
  readme: here("index.md"),
  mergeReadme: true,
  basePath: root,
  displayBasePath: root,
  disableGit: true,
  sourceLinkTemplate: "{path}",
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  sort: ["alphabetical"],
  packagesRequiringDocumentation: [
    ...new Set([...nameOf.values()].map((name) => name.split("/", 2).join("/"))),
  ].concat("@thalweg/webgpu"),
  requiredToBeDocumented: ["Class", "Enum", "Function", "Interface", "Namespace", "TypeAlias", "Variable"],
  treatWarningsAsErrors: true,
  validation: { notDocumented: true, notExported: true, invalidLink: true },
  // Of the Markdown.
  router: "member",
  excludeScopesInPaths: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  indexFormat: "table",
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  typeDeclarationFormat: "table",
  pageTitleTemplates: { index: "{projectName}", module: "{name}", member: "{name}" },
};

/** What the manifest of a package says it is; that of an entry by the package of its name. */
function describe(name: string): string {
  if (name.endsWith("/methods")) return "More operations as methods of tensors.";
  const folder = name.slice(name.lastIndexOf("/") + 1);
  const manifest: { description: string } = JSON.parse(
    readFileSync(`${root}packages/${folder}/package.json`, "utf8"),
  );
  return `${manifest.description}.`;
}

/** Constants that hold functions, such as `abs` and `mseLoss`, are shown as functions. */
const { getComment } = Context.prototype;
Context.prototype.getComment = function (symbol, kind) {
  const comment = getComment.call(this, symbol, kind);
  const isFunction = this.checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;
  if (kind === ReflectionKind.Variable && isFunction) comment?.modifierTags.add("@function");
  return comment;
};

/** The arguments of a function whose type has them as one tuple. */
function spread(
  signature: SignatureReflection,
  { checker, project }: Context,
  [tuple]: readonly ts.Symbol[],
): void {
  const [rest, ...others] = signature.parameters ?? [];
  if (!rest?.flags.isRest || others.length > 0 || !(rest.type instanceof TupleType)) return;
  const members = rest.type.elements.filter((element) => element instanceof NamedTupleMember);
  if (members.length < rest.type.elements.length) return;
  const { target } = checker.getTypeOfSymbol(tuple!) as ts.TupleTypeReference;
  signature.parameters = members.map(({ name, element }, i) => {
    const parameter = new ParameterReflection(name, ReflectionKind.Parameter, signature);
    parameter.type = element;
    parameter.setFlag(ReflectionFlag.Optional, i >= target.minLength);
    project.registerReflection(parameter, undefined, undefined);
    return parameter;
  });
}

// The theme resolves the folder before it is written.
mkdirSync(here("../../pages/api"), { recursive: true });
const app = await Application.bootstrapWithPlugins(options);
app.converter.on(Converter.EVENT_CREATE_SIGNATURE, (context, reflection, _declaration, signature) => {
  if (signature !== undefined) spread(reflection, context, signature.parameters);
});
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    module.name = nameOf.get(module.name) ?? module.name;
    module.comment = new Comment([{ kind: "text", text: describe(module.name) }]);
  }
});
app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
  // Members are shown where they are declared; those of `Tensor` come from interfaces, for which nobody would look.
  for (const member of project.getReflectionsByKind(ReflectionKind.ClassMember) as DeclarationReflection[]) {
    if (member.inheritedFrom !== undefined && member.parent!.name !== "Tensor")
      project.removeReflection(member);
  }
  // The site does not know where the repository is, so paths lead nowhere.
  for (const { sources = [] } of Object.values(project.reflections) as { sources?: { url?: string }[] }[]) {
    for (const source of sources) delete source.url;
  }
});

const project = await app.convert();
if (project === undefined) process.exit(1);
// The comment of a class that is a constant, such as `ReLU`, stands at the constant.
const ofConstants = project
  .getReflectionsByKind(ReflectionKind.ConstructorSignature)
  .filter((signature) => !signature.hasComment())
  .map(({ parent }) => parent)
  .filter((type) => type?.parent?.kindOf(ReflectionKind.Variable) && type.parent.hasComment());
app.options.setValue(
  "intentionallyNotDocumented",
  ofConstants.map((type) => type!.getFriendlyFullName()),
);
app.validate(project);
app.renderer.on(PageEvent.END, (page) => {
  // The members of these are those of `Tensor`, where a search should lead.
  const matter = /(Operation|Tensor)Methods\.md$/.test(page.url) ? "---\nsearch: false\n---\n\n" : "";
  const text = page.contents ?? "";
  page.contents = matter + text.replace(/^Defined in: (.*)$/gm, '<p class="defined-in">$1</p>');
});
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
