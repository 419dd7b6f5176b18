import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { type Case, cases, plotted } from "./cases";
import { Theatre } from "./contestant-page";
import { ContestantProcess } from "./contestant-process";
import { measureLimits } from "./limits/limits";
import { type Effort, type Measurement, measure, median } from "./measure";
import { parseOptions } from "./options";
import { type Point, plot } from "./plot";
import type { Remote } from "./remote";
import { describeLimits, table } from "./report";
import type { Id } from "./roster";

const options = parseOptions(process.argv.slice(2));
const theatre = options.device === "webgpu" ? await Theatre.open() : null;
const contestants = await startAll(["thalweg", ...options.peers]);
try {
  const platform = theatre === null ? `Node ${process.version}` : "WebGPU on SwiftShader";
  const machine = `${platform}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown CPU"}`;
  const names = contestants.map(({ name, version }) => `${name} ${version}`).join(", ");
  console.log(`${machine}\n${names}`);
  const document = options.plot === undefined ? await runCases() : await runPlot(options.plot);
  if (options.json !== undefined) {
    const versions = Object.fromEntries(contestants.map(({ id, version }) => [id, version]));
    writeFileSync(options.json, `${JSON.stringify({ machine, versions, ...document }, null, 2)}\n`);
  }
} finally {
  for (const contestant of contestants) contestant.stop();
  await theatre?.close();
}

async function startAll(ids: readonly Id[]): Promise<Remote[]> {
  const started: Remote[] = [];
  for (const id of ids) {
    try {
      const alone = theatre === null || id === "pytorch";
      started.push(await (alone ? ContestantProcess.start(id) : theatre.start(id)));
    } catch (error) {
      if (id === "thalweg") throw error;
      console.error(`without ${id}: ${(error as Error).message}`);
    }
  }
  return started;
}

async function measured(definition: Case, effort: Effort): Promise<Measurement> {
  const measurement = await measure(definition, contestants, effort);
  for (const reason of Object.values(measurement.refused)) {
    console.error(`${definition.name}: ${reason}`);
    process.exitCode = 1;
  }
  return measurement;
}

async function runCases() {
  const limits = options.isQuick || theatre !== null ? null : await measureLimits();
  const results: { definition: Case; measurement: Measurement }[] = [];
  for (const definition of cases[options.device]) {
    if (options.only && !options.only.test(definition.name)) continue;
    progress(definition.name);
    results.push({ definition, measurement: await measured(definition, options.effort) });
  }
  progress("");
  console.log(`medians of ${options.effort.rounds} rounds\n\n${table(contestants, results, limits)}`);
  if (limits) console.log(`\nThe machine, measured:\n${describeLimits(limits)}`);
  return { limits, cases: results.map(({ measurement }) => measurement) };
}

async function runPlot(file: string) {
  const points: Point[] = [];
  const effort: Effort = { warmUp: 150, rounds: options.effort.rounds, round: 25 };
  for (const { title, size, definition } of plotted) {
    if (options.only && !options.only.test(definition.name)) continue;
    progress(definition.name);
    const { times } = await measured(definition, effort);
    for (const { id, name } of contestants) {
      if (times[id])
        points.push({ operation: title, size, library: name, nanoseconds: median(times[id]) / size });
    }
  }
  progress("");
  writeFileSync(file, await plot(points));
  return { points };
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
