import declarations from "virtual:declarations";
import { createSystem, createVirtualTypeScriptEnvironment } from "@typescript/vfs";
import { expose } from "comlink";
import ts from "typescript";
import racerUrl from "../race/racer?worker&url";
import { compile } from "./instrument";
import libraryUrl from "./library?worker&url";
import type { Problem } from "./problem";

const file = "/main.ts";
/** What programs import: the library, with a sandbox that does something with what they offer. */
const hosts = {
  program: new URL(libraryUrl, location.href).href,
  optimizer: new URL(racerUrl, location.href).href,
};
const system = createSystem(new Map(Object.entries(declarations)));
system.writeFile(file, " ");
const { languageService, updateFile } = createVirtualTypeScriptEnvironment(
  system,
  [file, "/globals.d.ts"],
  ts,
  {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
    types: [],
    strict: true,
    skipLibCheck: true,
  },
);

function problems(kind: Problem["kind"], found: readonly ts.Diagnostic[]): Problem[] {
  return found.map(({ file, start, messageText }) => ({
    kind,
    message: ts.flattenDiagnosticMessageText(messageText, "\n"),
    line:
      file === undefined || start === undefined ? null : file.getLineAndCharacterOfPosition(start).line + 1,
  }));
}

const compiler = {
  /** A program in JavaScript, or what is wrong with it. */
  compile(
    source: string,
    host: keyof typeof hosts,
  ): { readonly code: string | null; readonly problems: readonly Problem[] } {
    updateFile(file, source === "" ? " " : source);
    const syntax = problems("syntax", languageService.getSyntacticDiagnostics(file));
    const found = syntax.length > 0 ? syntax : problems("type", languageService.getSemanticDiagnostics(file));
    return {
      code: found.length > 0 ? null : compile(ts, source, { library: hosts[host], sandbox: hosts[host] }),
      problems: found,
    };
  },
};

/** What the worker offers. */
export type CompilerOffer = typeof compiler;

expose(compiler);
postMessage("ready");
