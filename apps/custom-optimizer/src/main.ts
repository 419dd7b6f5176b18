import { parseArgs } from "node:util";
import { createOptimizer, type ParameterInput } from "@thalweg/optim";
import { initWebGPU } from "@thalweg/tensor/webgpu";
import "./adan";
import { map, sparkline } from "./picture";
import { spirals } from "./spirals";
import { type Run, train } from "./train";

/** The options of the command line. */
async function read(): Promise<{ steps: number; device: string }> {
  const { values } = parseArgs({
    options: { steps: { type: "string", default: "300" }, webgpu: { type: "boolean", default: false } },
  });
  const steps = Number(values.steps);
  if (!Number.isInteger(steps) || steps < 2) throw new Error("--steps takes a whole number from 2 on");
  if (values.webgpu) await initWebGPU();
  return { steps, device: values.webgpu ? "webgpu" : "cpu" };
}

const { steps, device } = await read().catch((error: Error) => {
  console.error(`error: ${error.message}`);
  process.exit(2);
});
const width = Math.min(process.stdout.columns ?? 80, 80);
const data = spirals();
// Each with a rate that suits it here.
const contestants = [
  ["sgd", (params: ParameterInput) => createOptimizer("sgd", params, { lr: 1, momentum: 0.9 })],
  ["adam", (params: ParameterInput) => createOptimizer("adam", params, { lr: 0.1 })],
  ["adan", (params: ParameterInput) => createOptimizer("adan", params, { lr: 0.2 })],
] as const;

console.log(`Two spirals, ${data.labels.size} points, ${steps} steps each on the ${device}.\n`);
console.log(
  `${"".padEnd(6)}${"loss, from 1 down to 0.001".padEnd(width - 22)}${"last".padStart(9)}${"right".padStart(7)}`,
);
let last: Run | undefined;
for (const [name, make] of contestants) {
  last = await train(data, make, steps, device);
  const curve = sparkline(last.losses, width - 24, [0.001, 1]);
  const loss = last.losses.at(-1)!.toFixed(4);
  console.log(
    `${name.padEnd(6)}${curve}  ${loss.padStart(9)}${`${Math.round(100 * last.accuracy)} %`.padStart(7)}`,
  );
}
console.log("\nThe plane as Adan's network sees it:\n");
for (const line of await map(data, last!.model, Math.min(width - 4, 64))) console.log(`  ${line.trimEnd()}`);
