import {
  Adam,
  compile,
  crossEntropy,
  Dropout,
  Linear,
  manualSeed,
  ReLU,
  randint,
  randn,
  ready,
  Sequential,
} from "thalweg";
import { digest } from "./digest";

/**
 * Trains a classifier of a width by a compiled step, and by the step itself. Returns the losses and the digest of the
 * parameters of both, and whether kernels of the program are JavaScript of its own.
 */
export async function trainCompiled(steps: number, width: number) {
  await ready();
  const run = async (isCompiled: boolean) => {
    manualSeed(1);
    const model = new Sequential(new Linear(64, width), new ReLU(), new Dropout(0.5), new Linear(width, 10));
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    const step = () => {
      const loss = crossEntropy(model.forward(randn([width, 64])), randint([width], 10));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    };
    const compiled = compile(step);
    const call = isCompiled ? compiled : step;
    const losses = Array.from({ length: steps }, () => call().item());
    const kernels = compiled.explain().programs[0]?.kernels ?? [];
    const isGenerated = kernels.some(({ part }) => part !== null);
    return { trained: { losses, parameters: await digest(model.parameters()) }, isGenerated };
  };
  const { trained: compiled, isGenerated } = await run(true);
  return { compiled, isGenerated, eager: (await run(false)).trained };
}
