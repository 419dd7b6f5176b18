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

/**
 * Losses of compiled training steps on a device. Rows are few and long enough to be computed by workgroups, so that the
 * joined kernels have barriers.
 */
export async function descendCompiled(device: string): Promise<number[]> {
  if (device === "webgpu") await initWebGPU();
  library.manualSeed(3);
  const model = new library.Sequential(
    new library.Linear(16, 64),
    new library.LayerNorm(64),
    new library.ReLU(),
    new library.Linear(64, 4),
  );
  const x = library.randn([8, 16]).to(device);
  const labels = library.tensor([0, 1, 2, 3, 0, 1, 2, 3], { dtype: "int32", device });
  model.to(device);
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const step = library.compile(() => {
    const loss = library.crossEntropy(model.forward(x), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const losses: number[] = [];
  for (let i = 0; i < 10; i++) losses.push(await step().itemAsync());
  return losses;
}
