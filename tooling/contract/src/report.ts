import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

/** Describes the exports of packages by the built types, as users' compilers see them. */

const packages = fileURLToPath(new URL("../../../packages", import.meta.url));

/** One entry of a published package: `@thalweg/tensor/webgpu`. */
export interface Entry {
  readonly name: string;
  /** The folder of the package. */
  readonly folder: string;
  /** The types that the entry exports. */
  readonly types: string;
  /** The name of its report. */
  readonly file: string;
}

/** All public entries. */
export function entries(): Entry[] {
  return readdirSync(packages).flatMap((folder) => entriesOf(join(packages, folder), folder));
}

function entriesOf(folder: string, short: string): Entry[] {
  const text = readFileSync(join(folder, "package.json"), "utf8");
  const { name, exports } = JSON.parse(text) as { name: string; exports: Record<string, { types: string }> };
  return Object.entries(exports)
    .filter(([path]) => path !== "./internal")
    .map(([path, { types }]) => ({
      name: name + path.slice(1),
      folder,
      types: join(folder, types),
      file: `${short}${path.slice(1).replaceAll("/", ".")}.api.md`,
    }));
}

/** The exports of an entry as text, and their problems. */
export interface Described {
  readonly text: string;
  readonly problems: readonly string[];
}

/** Only the names of the language. */
const compilerOptions = {
  target: "es2022",
  lib: ["es2022", "esnext.disposable"],
  module: "esnext",
  moduleResolution: "bundler",
  strict: true,
  types: [],
};

const { Error: error, None: none } = ExtractorLogLevel;

/** Describes an entry by its built types. `folder` holds intermediate files. */
export function describe(entry: Entry, folder: string): Described {
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(entry.folder, "package.json"),
    configObject: {
      projectFolder: entry.folder,
      mainEntryPointFilePath: entry.types,
      newlineKind: "lf",
      compiler: { overrideTsconfig: { compilerOptions, files: [entry.types] } },
      apiReport: {
        enabled: true,
        reportFolder: folder,
        reportTempFolder: join(folder, "temp"),
        reportFileName: entry.file,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: error } },
        extractorMessageReporting: {
          default: { logLevel: none },
          "ae-forgotten-export": { logLevel: error },
        },
        tsdocMessageReporting: { default: { logLevel: none } },
      },
    },
  });
  const messages: string[] = [];
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message) {
      message.handled = true;
      if (message.logLevel === error) messages.push(message.text);
    },
  });
  const text = readFileSync(join(folder, entry.file), "utf8");
  return { text, problems: [...messages, ...undocumented(text), ...internals(text)] };
}

/** Exports without a doc comment. */
function undocumented(text: string): string[] {
  return [...text.matchAll(/^\/\/ @public \(undocumented\)\n(?!export namespace)(.*)$/gm)].map(
    ([, declaration]) => `This has no doc comment: ${declaration}`,
  );
}

/** Types from modules that are not public. */
function internals(text: string): string[] {
  return [...text.matchAll(/^import .*\/internal';$/gm)].map(
    ([line]) => `A public type names one that is not: ${line}`,
  );
}

/** The blocks of a description that are missing in the other one. */
export function missingFrom(other: string, text: string): string[] {
  const there = new Set(other.split("\n\n"));
  return text.split("\n\n").filter((block) => !there.has(block));
}
