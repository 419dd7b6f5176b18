import { readFileSync } from "node:fs";

/** From the manifest, which not every package exports, one folder above the entry point. */
export function versionAbove(entry: string): string {
  return JSON.parse(readFileSync(new URL("../package.json", entry), "utf8")).version;
}
