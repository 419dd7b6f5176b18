import { compile } from "@thalweg/compile";
import { crossEntropy } from "@thalweg/losses";
import { Accuracy } from "@thalweg/metrics";
import { Linear, Sequential, Tanh } from "@thalweg/nn";
import { Adam } from "@thalweg/optim";
import { Generator, manualSeed, randn, type Tensor } from "@thalweg/tensor";
import { fit } from "@thalweg/train";
import { describe, expect, it } from "vitest";
import { session } from "./session";

const generator = new Generator(4);
const data = Array.from({ length: 4 }, (): [Tensor, Tensor] => {
  const x = randn([16, 3], { generator });
  return [x, x.sum(1).gt(0).to("int32")];
});

/** The epochs of a run on a device; batches come from the CPU. */
async function epochs(device: string, isCompiled: boolean) {
  manualSeed(0);
  const model = new Sequential(new Linear(3, 8), new Tanh(), new Linear(8, 2)).to(device);
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  const common = { data, validation: data, metrics: { accuracy: new Accuracy() }, epochs: 4, accumulate: 2 };
  const more = { restoreBest: true, clipGradNorm: 1, ...(isCompiled ? { compile } : {}) };
  const history = await fit({ model, optimizer, loss: crossEntropy, ...common, ...more });
  return history.epochs;
}

describe.skipIf(session === null)("fit on the GPU", () => {
  it.each([false, true])("measures what it measures on the CPU, compiled: %s", async (isCompiled) => {
    const [there, here] = [await epochs("webgpu", isCompiled), await epochs("cpu", false)];
    there.forEach(({ train, validation }, i) => {
      expect(train.loss).toBeCloseTo(here[i]!.train.loss, 3);
      expect(validation!.loss).toBeCloseTo(here[i]!.validation!.loss, 3);
      expect(validation!.accuracy).toBeCloseTo(here[i]!.validation!.accuracy, 1);
    });
    expect(there[3]!.train.loss).toBeLessThan(there[0]!.train.loss);
  });
});
