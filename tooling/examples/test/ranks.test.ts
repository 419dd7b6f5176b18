import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type LauncherName, launch, skips } from "../../../packages/distributed/test/launchers";
import { root } from "../src/find-examples";
import { argumentsOf } from "../src/run-example";

const program = "apps/site/examples/distributed.ts";

describe.skipIf(skips())("the program of the guide to distributed training", () => {
  it.each([
    ["Open MPI", 2],
    ["MPICH", 3],
  ] as const satisfies [LauncherName, number][])("prints the same by %s on %i ranks", async (name, ranks) => {
    const { code, stdout, stderr } = await launch(name, ranks, [process.execPath, ...argumentsOf(program)]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toBe(readFileSync(join(root, program.replace(/ts$/, "txt")), "utf8"));
  });
});
