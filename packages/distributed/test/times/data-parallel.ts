import { spawnSync } from "node:child_process";
import { bundle } from "../bundle";

/**
 * Times what `DataParallel` adds to a step, in a world of one and in one of two:
 *
 *     node --conditions=@thalweg/source --import tsx packages/distributed/test/times/data-parallel.ts
 */

const programs = await bundle("step-times");
const { status } = spawnSync(process.execPath, [programs.path("step-times")], { stdio: "inherit" });
await programs.remove();
process.exitCode = status ?? 1;
