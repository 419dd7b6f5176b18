import { readFileSync } from "node:fs";

/** Prints the totals of a vitest JSON report; a file that failed before its tests ran counts as one failure. */
const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const brokenFiles = testResults.filter(
  ({ status, assertionResults }) =>
    status === "failed" && !assertionResults.some((result) => result.status === "failed"),
);
console.log(`${numPassedTests} passed, ${numFailedTests + brokenFiles.length} failed`);
