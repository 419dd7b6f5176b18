import { crossEntropy } from "@thalweg/losses";
import { Dropout, Linear, ReLU, Sequential } from "@thalweg/nn";
import { Adam, clipGradNorm_ } from "@thalweg/optim";
import { manualSeed, randint, randn, ready, type Tensor } from "@thalweg/tensor";
import { compile, type Explanation } from "../src/index";

/** What a training leaves behind, which survives a message between threads. */
export interface Trained {
  readonly losses: readonly number[];
  readonly parameters: readonly Float32Array[];
  /** How it ran, if it was compiled. */
  readonly explanation: Explanation | null;
}

/** Trains a classifier with dropout. A width of 8 is computed in JavaScript, one of 96 in WebAssembly. */
export async function train(width: number, isCompiled: boolean): Promise<Trained> {
  await ready();
  manualSeed(1);
  const model = new Sequential(new Linear(64, width), new ReLU(), new Dropout(0.5), new Linear(width, 10));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const step = (x: Tensor, labels: Tensor) => {
    optimizer.zeroGrad();
    const loss = crossEntropy(model.forward(x), labels);
    loss.backward();
    clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    return loss;
  };
  const compiled = isCompiled ? compile(step) : null;
  const losses = Array.from({ length: 12 }, () =>
    (compiled ?? step)(randn([width, 64]), randint([width], 10)).item(),
  );
  const parameters = model.parameters().map((parameter) => Float32Array.from(parameter.dataSync()));
  return { losses, parameters, explanation: compiled?.explain() ?? null };
}
