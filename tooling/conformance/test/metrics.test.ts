import { Accuracy, AUROC, ConfusionMatrix, type Metric, Perplexity, R2 } from "@thalweg/metrics";
import { Generator, randint, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { session } from "./session";

const generator = new Generator(5);
const scores = [randn([40, 5], { generator }), randint([40], 5, { generator })] as const;
const numbers = [randn([40], { generator }), randn([40], { generator })] as const;

type Pair = Metric<[input: Tensor, target: Tensor], unknown>;

const metrics: readonly [string, () => Pair, readonly [Tensor, Tensor]][] = [
  ["Accuracy", () => new Accuracy(), scores],
  ["Accuracy of the first two", () => new Accuracy({ topK: 2 }), scores],
  ["ConfusionMatrix", () => new ConfusionMatrix(5), scores],
  ["AUROC", () => new AUROC({ average: "none" }), scores],
  ["R2", () => new R2(), numbers],
];

describe.skipIf(session === null)("metrics of tensors on the GPU", () => {
  it.each(metrics)("%s counts what it counts on the CPU", async (_, make, [input, target]) => {
    const [here, there] = [make(), make()];
    here.update(input, target);
    await there.updateAsync(input.to("webgpu"), target.to("webgpu"));
    expect(there.stateDict()).toEqual(here.stateDict());
  });

  it("Perplexity adds losses of the GPU", async () => {
    const [here, there] = [new Perplexity(), new Perplexity()];
    here.update(...scores);
    await there.updateAsync(scores[0].to("webgpu"), scores[1].to("webgpu"));
    expect(there.compute()).toBeCloseTo(here.compute(), 4);
  });

  it("a batch cannot be read at once", () => {
    const x = tensor([1]).to("webgpu");
    expect(() => new Accuracy().update(x, x)).toThrow(
      "Accuracy.update: the batch is on webgpu, which is not read at once; await updateAsync",
    );
  });
});
