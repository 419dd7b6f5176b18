import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LambdaLR, loadSafetensors, manualSeed, noGrad, saveSafetensors, tensor } from "thalweg";
import { initWebGPU } from "thalweg/webgpu";
import { describe, expect, it } from "vitest";
import type { GPTConfig } from "../src/model/config";
import { GPT } from "../src/model/gpt";
import { optimizerOf, rateFactor } from "../src/session";
import { stepOf } from "../src/train";

/** Models that PyTorch has trained: tooling/oracle/cases/gpt.py. */
interface Case {
  readonly name: string;
  readonly config: GPTConfig;
  readonly lr: number;
  readonly batches: readonly { readonly inputs: number[][]; readonly targets: number[][] }[];
  readonly losses: readonly number[];
  readonly scores: readonly number[][][];
}

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../tooling/oracle/fixtures/${name}`, import.meta.url));
const { cases } = JSON.parse(readFileSync(fixture("gpt.json"), "utf8")) as {
  readonly cases: readonly Case[];
};

const python = "/usr/bin/python3";
/** Too large to be installed for CI, which has the files that PyTorch wrote. */
const hasTorch = spawnSync(python, ["-c", "import torch"]).status === 0;

const hasWebGPU = await initWebGPU().then(
  () => true,
  (error: Error) => {
    if (process.env.CI) throw error;
    console.warn(`not on WebGPU, ${error.message}`);
    return false;
  },
);

/** The largest difference, relative to numbers above 1. */
function distance(actual: Iterable<number>, expected: Iterable<number>): number {
  const [a, b] = [[...actual], [...expected]];
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!) / Math.max(1, Math.abs(b[i]!))));
}

describe.each(cases)("$name of PyTorch", ({ name, config, lr, batches, losses, scores }) => {
  /** The model after some steps, which have PyTorch's losses. */
  async function trained(steps: number, compiled: boolean, device = "cpu"): Promise<GPT> {
    const model = new GPT(config);
    model.loadStateDict(loadSafetensors(fixture(`${name}-start.safetensors`)));
    model.to(device);
    const optimizer = optimizerOf(model, lr);
    let done = 0;
    const scheduler = new LambdaLR(optimizer, { lrLambda: () => rateFactor(done / losses.length) });
    const step = stepOf({ model, optimizer }, compiled);
    const int = (values: number[][]) => tensor(values, { dtype: "int32", device });
    const means: number[] = [];
    while (done < steps) {
      const { inputs, targets } = batches[done % batches.length]!;
      const count = targets.flat().filter((target) => target >= 0).length;
      const mean = step([int(inputs)], [int(targets)], tensor(count, { dtype: "float32", device }));
      means.push(await mean.itemAsync());
      done++;
      scheduler.step();
    }
    expect(
      distance(
        means.map((mean, i) => mean / losses[i]!),
        means.map(() => 1),
      ),
    ).toBeLessThan(1e-4);
    return model;
  }

  it.each([false, true])(
    "has the same losses, and the same parameters in the end; compiled: %s",
    async (compiled) => {
      const model = await trained(losses.length, compiled);
      const end = loadSafetensors(fixture(`${name}-end.safetensors`));
      const state = model.stateDict();
      for (const [key, parameter] of Object.entries(end)) {
        expect(distance(state[key]!.dataSync(), parameter.dataSync()), key).toBeLessThan(1e-3);
      }
    },
  );

  it.runIf(hasWebGPU).each([false, true])("has the same losses on WebGPU; compiled: %s", async (compiled) => {
    await trained(12, compiled, "webgpu");
  });

  it("gives the same scores when it is loaded", () => {
    const model = new GPT(config).eval();
    expect(model.loadStateDict(loadSafetensors(fixture(`${name}-end.safetensors`)))).toEqual({
      missing: [],
      unexpected: [],
    });
    const result = noGrad(() => model.forward(tensor(batches[0]!.inputs, { dtype: "int32" })));
    expect(distance(result.dataSync(), scores.flat(2))).toBeLessThan(1e-5);
  });

  it.skipIf(!hasTorch)("has the same scores in PyTorch, when that loads a file of ours", () => {
    manualSeed(4);
    const model = new GPT(config).eval();
    const folder = mkdtempSync(join(tmpdir(), "parity-"));
    const path = join(folder, "model.safetensors");
    const tokens = batches[0]!.inputs;
    try {
      saveSafetensors(model.stateDict(), path);
      const script = fileURLToPath(new URL("../../../tooling/oracle/scores.py", import.meta.url));
      const expected = execFileSync(python, [script, path, JSON.stringify({ config, tokens })]);
      const result = noGrad(() => model.forward(tensor(tokens, { dtype: "int32" })));
      expect(distance(result.dataSync(), JSON.parse(expected.toString()) as number[])).toBeLessThan(1e-5);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
