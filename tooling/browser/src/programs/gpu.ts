import { classifier, line, type Make } from "@thalweg/conformance/training";
import { Adam, SGD } from "@thalweg/optim";
import { initWebGPU } from "@thalweg/tensor/webgpu";
import { backendConformance } from "@thalweg/testing";
import * as library from "thalweg";

/** The laws that a device breaks, with the number of laws that were tested. */
export async function conform(numRuns: number) {
  await initWebGPU();
  // Imported whole, since a bundler would leave out the operations that are not used here.
  if (Object.keys(library).length === 0) throw new Error("the library is empty");
  const laws = backendConformance("webgpu", { numRuns });
  const broken: { law: string; message: string }[] = [];
  for (const { name, run } of laws) {
    try {
      await run();
    } catch (error) {
      broken.push({ law: name, message: String(error).slice(0, 500) });
    }
  }
  return { laws: laws.length, broken };
}

const problems = { line, classifier };

const optimizers = {
  SGD: (params) => new SGD(params, { lr: 0.02 }),
  Adam: (params) => new Adam(params, { lr: 0.02 }),
} satisfies Record<string, Make>;

/** Losses of training on a device. */
export async function descend(
  problem: keyof typeof problems,
  optimizer: keyof typeof optimizers,
  device: string,
): Promise<number[]> {
  if (device === "webgpu") await initWebGPU();
  return problems[problem](device, optimizers[optimizer]);
}
