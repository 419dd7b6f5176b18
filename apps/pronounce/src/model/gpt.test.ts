import {
  AdamW,
  crossEntropy,
  eye,
  loadSafetensors,
  manualSeed,
  noGrad,
  randint,
  randn,
  readSafetensorsHeader,
  saveSafetensors,
  type Tensor,
} from "thalweg";
import { describe, expect, it } from "vitest";
import { CausalAttention } from "./attention";
import { activationKinds, type GPTConfig, normKinds, positionKinds } from "./config";
import { GPT } from "./gpt";

const config: GPTConfig = {
  vocabulary: 11,
  context: 12,
  layers: 2,
  width: 16,
  heads: 2,
  dropout: 0,
  positions: "learned",
  norm: "layer",
  activation: "gelu",
  checkpoint: false,
};
const kinds = positionKinds.flatMap((positions) =>
  normKinds.flatMap((norm) => activationKinds.map((activation) => ({ positions, norm, activation }))),
);
const tokens = randint([3, 8], 0, 11, { dtype: "int32" });

/** A model whose parameters are large enough to make a difference. */
function modelOf(changes: Partial<GPTConfig> = {}): GPT {
  manualSeed(3);
  const model = new GPT({ ...config, ...changes });
  noGrad(() => {
    for (const parameter of model.parameters()) if (parameter.ndim > 1) parameter.mul_(8);
  });
  return model;
}

const difference = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item();

describe.each(kinds)("a model with %o", (changes) => {
  const model = modelOf(changes).eval();
  const scores = noGrad(() => model.forward(tokens));

  it("has scores of all tokens at every place", () => {
    expect(scores.shape).toEqual([3, 8, 11]);
  });

  it("does not look ahead", () => {
    const changed = tokens.clone();
    changed.select(1, 5).copy_(tokens.select(1, 5).add(1).remainder(11));
    const other = noGrad(() => model.forward(changed));
    expect(difference(other.narrow(1, 0, 5), scores.narrow(1, 0, 5))).toBe(0);
    expect(difference(other.narrow(1, 5, 3), scores.narrow(1, 5, 3))).toBeGreaterThan(1e-2);
  });

  it("knows the order of what it has read", () => {
    const swapped = tokens.clone();
    swapped.select(1, 0).copy_(tokens.select(1, 1));
    swapped.select(1, 1).copy_(tokens.select(1, 0));
    const other = noGrad(() => model.forward(swapped));
    expect(difference(other.select(1, -1), scores.select(1, -1))).toBeGreaterThan(1e-3);
  });

  it.each([[[8]], [[3, 5]], [[1, 1, 1, 1, 1, 1, 1, 1]], [[4, 1, 1, 2]]])(
    "has the same scores with a cache, %j tokens at a time",
    (counts) => {
      const cache = model.cache(3);
      let first = 0;
      for (const count of counts) {
        const part = noGrad(() => model.forward(tokens.narrow(1, first, count), cache));
        expect(difference(part, scores.narrow(1, first, count))).toBeLessThan(1e-4);
        first += count;
      }
      expect(cache.length).toBe(8);
    },
  );

  it("has the same gradients when its blocks run again", () => {
    const again = modelOf({ ...changes, checkpoint: true });
    const gradients = [modelOf(changes), again].map((each) => {
      crossEntropy(each.forward(tokens).flatten(0, 1), tokens.flatten()).backward();
      return each.parameters().map(({ grad }) => grad!);
    });
    for (const [i, gradient] of gradients[0]!.entries())
      expect(difference(gradient, gradients[1]![i]!)).toBe(0);
  });
});

describe("the tied weights", () => {
  it("are one parameter with one state", () => {
    const model = modelOf();
    expect(model.lmHead.weight).toBe(model.wte.weight);
    const names = Array.from(model.namedParameters(), ([name]) => name);
    expect([names.includes("wte.weight"), names.includes("lm_head.weight")]).toEqual([true, false]);
    const optimizer = new AdamW(model.parameters());
    crossEntropy(model.forward(tokens).flatten(0, 1), tokens.flatten()).backward();
    optimizer.step();
    expect(Object.keys(optimizer.stateDict().state).length).toBe(names.length);
    expect(model.lmHead.weight).toBe(model.wte.weight);
  });

  it("are in a file once, and are loaded by both of their names", () => {
    const model = modelOf();
    const bytes = saveSafetensors(model.stateDict());
    const names = Object.keys(readSafetensorsHeader(bytes).tensors);
    expect([names.includes("wte.weight"), names.includes("lm_head.weight")]).toEqual([true, false]);
    const state = loadSafetensors(bytes);
    expect(state["lm_head.weight"]).toBe(state["wte.weight"]);
    const other = new GPT(config);
    expect(other.loadStateDict(state)).toEqual({ missing: [], unexpected: [] });
    expect(difference(other.forward(tokens), model.forward(tokens))).toBe(0);
  });
});

it("drops weights of the attention while it trains", () => {
  manualSeed(3);
  const attention = new CausalAttention({ ...config, dropout: 0.5 }, 0);
  noGrad(() => attention.cProj.weight.copy_(eye(config.width)));
  noGrad(() => attention.cProj.bias!.zero_());
  // The first token attends to itself alone, so a head without this weight has only zeros.
  const heads = () =>
    noGrad(() => attention.forward(randn([200, 1, config.width])))
      .reshape([400, config.width / config.heads])
      .ne(0)
      .any(1)
      .sum()
      .item();
  expect(attention.training).toBe(true);
  expect(Math.abs(heads() - 200)).toBeLessThan(60);
  attention.eval();
  expect(heads()).toBe(400);
});
