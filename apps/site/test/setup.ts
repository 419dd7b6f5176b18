import { execFileSync } from "node:child_process";

/** Builds the site, unless it is built from what is there. */
export default function setup(): void {
  execFileSync("pnpm", ["exec", "turbo", "run", "bundle", "--filter=@thalweg/site"], { stdio: "ignore" });
}
