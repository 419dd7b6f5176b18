import { withTarballs } from "./pack.js";
import { run } from "./run.js";

const linters = [
  ["publint", "--strict"],
  ["attw", "--profile=esm-only"],
];

await withTarballs(async (tarballs) => {
  for (const { name, filename } of tarballs) {
    for (const [linter, ...flags] of linters) {
      try {
        await run(linter!, [...flags, filename]);
        console.log(`ok      ${linter} ${name}`);
      } catch (error) {
        console.error(`failed  ${linter} ${name}\n${(error as Error).message}`);
        process.exitCode = 1;
      }
    }
  }
});
