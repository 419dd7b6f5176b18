import { clipGradNorm_, compile, crossEntropy, noGrad, type Tensor, tensor } from "thalweg";
import { type Batch, batchOf } from "./data/example";
import type { GPT } from "./model/gpt";
import type { Session, Sums } from "./session";
import { presets } from "./settings";

/** The largest norm of the gradient. */
const longest = 1;

/** The sum of the losses of all tokens that are to be written. */
function lossOf(model: GPT, inputs: Tensor, targets: Tensor): Tensor {
  return crossEntropy(model.forward(inputs).flatten(0, 1), targets.flatten(), { reduction: "sum" });
}

/** Takes a step with some parts of a batch; returns the mean loss of its tokens. */
export type TakeStep = (inputs: Tensor[], targets: Tensor[], count: Tensor) => Tensor;

/** The step of training, as a program where that is wanted. */
export function stepOf(
  { model, optimizer }: Pick<Session, "model" | "optimizer">,
  isCompiled: boolean,
): TakeStep {
  const step: TakeStep = (inputs, targets, count) => {
    optimizer.zeroGrad();
    const losses = inputs.map((part, i) => {
      const loss = lossOf(model, part, targets[i]!).div(count);
      loss.backward();
      return loss.detach();
    });
    clipGradNorm_(model.parameters(), longest);
    optimizer.step();
    return losses.reduce((a, b) => a.add(b));
  };
  // A program for each length of sequences, and for the last batch.
  return isCompiled ? compile(step, { maxPrograms: 24 }) : step;
}

/** Trains until the session's time has come. A session can be saved at each of the steps. */
export async function* training(session: Session, step: TakeStep): AsyncGenerator<Sums> {
  const { model, loader, settings } = session;
  const { device } = model;
  let last = performance.now();
  const parts: Batch[] = [];
  while (session.done < 1) {
    for (const batch of loader) {
      parts.push(batch);
      if (parts.length < settings.accumulate) continue;
      const taken = parts.splice(0);
      const tokens = taken.reduce((sum, { count }) => sum + count, 0);
      model.train();
      const mean = step(
        taken.map(({ inputs }) => inputs.to(device)),
        taken.map(({ targets }) => targets.to(device)),
        tensor(tokens, { dtype: "float32", device }),
      );
      const sums = { tokens, loss: tokens * (await mean.itemAsync()) };
      const now = performance.now();
      session.add(sums, (now - last) / 1000);
      last = now;
      yield sums;
      if (session.done >= 1) return;
    }
  }
}

/** The mean loss of a token of the examples that are held out; of so many of them at most. */
export async function validationLoss({ model, material, settings }: Session, most = 1000): Promise<number> {
  const { batchSize, context } = presets[settings.preset];
  const examples = material.validation.slice(0, most);
  let [tokens, sum] = [0, 0];
  model.eval();
  for (let k = 0; k < examples.length; k += batchSize) {
    const { inputs, targets, count } = batchOf(examples.slice(k, k + batchSize), context);
    const loss = noGrad(() => lossOf(model, inputs.to(model.device), targets.to(model.device)));
    tokens += count;
    sum += await loss.itemAsync();
  }
  return sum / tokens;
}
