import { readFile } from "node:fs/promises";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { problemKindInfo } from "@arethetypeswrong/core/problems";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { withTarballs } from "./pack.js";

/** Ways to resolve a package that are not for modules, which is all that we publish. */
const ignored = ["node10", "node16-cjs"];

/** Linters of a packed package, which return what is wrong with it. */
const linters = {
  async publint(tarball: Uint8Array<ArrayBuffer>): Promise<string[]> {
    const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
    return messages
      .filter(({ type }) => type === "error")
      .map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
  },
  async attw(tarball: Uint8Array<ArrayBuffer>): Promise<string[]> {
    const analysis = await checkPackage(createPackageFromTarballData(tarball));
    if (!analysis.types) return ["it has no types"];
    return analysis.problems
      .filter((problem) => !("resolutionKind" in problem && ignored.includes(problem.resolutionKind)))
      .map((problem) => `${problemKindInfo[problem.kind].shortDescription}: ${JSON.stringify(problem)}`);
  },
};

await withTarballs(async (tarballs) => {
  for (const { name, filename } of tarballs) {
    const tarball = new Uint8Array(await readFile(filename));
    for (const [linter, lint] of Object.entries(linters)) {
      const problems = await lint(tarball);
      if (problems.length === 0) console.log(`ok      ${linter} ${name}`);
      else {
        console.error(`failed  ${linter} ${name}\n${problems.join("\n")}`);
        process.exitCode = 1;
      }
    }
  }
});
