import {
  arange,
  full,
  manualSeed,
  ones,
  randn,
  ShapeError,
  type Tensor,
  ThalwegError,
  tensor,
  zeros,
} from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { expectMoments, expectUniform } from "../../test/moments";
import { MultiheadAttention, TransformerEncoderLayer } from "../index";

const close = (a: Tensor, b: Tensor) => {
  expect(a.shape).toEqual(b.shape);
  expect(a.sub(b).abs().max().item()).toBeLessThan(1e-5);
};

const make = (options = {}) => new MultiheadAttention(8, 2, { batchFirst: true, ...options });
const [q, k, v] = [randn([3, 4, 8]), randn([3, 5, 8]), randn([3, 5, 8])];

/** 1 for keys that come after the query. */
const later = (queries: number, keys: number) => arange(keys).gt(arange(queries).unsqueeze(1));

describe("MultiheadAttention", () => {
  it("gives weights that are positive and add up to one, of each head or on average", () => {
    const layer = make();
    const [, mean] = layer.forward(q, k, v);
    const [, each] = layer.forward(q, k, v, { averageAttnWeights: false });
    expect([mean!.shape, each!.shape]).toEqual([
      [3, 4, 5],
      [3, 2, 4, 5],
    ]);
    close(each!.mean(1), mean!);
    close(each!.sum(-1), ones([3, 2, 4]));
    expect(each!.min().item()).toBeGreaterThan(0);
  });

  it("gives the same without weights", () => {
    const layer = make({ addBiasKv: true, addZeroAttn: true });
    const masks = {
      attnMask: later(4, 5),
      keyPaddingMask: tensor([[false, false, false, false, true]]).expand([3, 5]),
    };
    for (const options of [{}, masks, { attnBias: randn([4, 5]) }]) {
      const [output, weights] = layer.forward(q, k, v, { ...options, needWeights: false });
      expect(weights).toBeNull();
      close(output, layer.forward(q, k, v, options)[0]);
    }
  });

  it("gives zeros to a query whose keys all have a bias of -Infinity", () => {
    const layer = make({ bias: false });
    const attnBias = zeros([4, 5]);
    attnBias.select(0, 1).fill_(Number.NEGATIVE_INFINITY);
    for (const needWeights of [true, false]) {
      const [output] = layer.forward(q, k, v, { attnBias, needWeights });
      close(output.select(1, 1), zeros([3, 8]));
      expect(output.isFinite().all().item()).toBe(1);
    }
  });

  it("accepts the batch second, or no batch", () => {
    const [layer, first] = [make({ batchFirst: false }), make()];
    first.loadStateDict(layer.stateDict());
    const turned = [q, k, v].map((x) => x.transpose(0, 1)) as [Tensor, Tensor, Tensor];
    const [output, weights] = first.forward(q, k, v);
    const [other, same] = layer.forward(...turned);
    close(other.transpose(0, 1), output);
    close(same!, weights!);
    for (const each of [layer, first]) {
      const [alone, one] = each.forward(q.select(0, 1), k.select(0, 1), v.select(0, 1), {
        keyPaddingMask: zeros([5]),
      });
      close(alone, output.select(0, 1));
      close(one!, weights!.select(0, 1));
    }
  });

  it("projects in one product or in three, to the same", () => {
    const layer = make();
    close(layer.forward(q, q, q)[0], layer.forward(q, q.clone(), q)[0]);
  });

  it("hides keys from queries by every kind of mask", () => {
    const layer = make();
    const mask = later(4, 5);
    const hidden = full([4, 5], 0).maskedFill(mask, Number.NEGATIVE_INFINITY);
    const [output, weights] = layer.forward(q, k, v, { attnMask: mask });
    expect(weights!.mul(mask).sum().item()).toBe(0);
    for (const options of [
      { attnMask: hidden },
      { attnBias: hidden },
      { isCausal: true },
      { attnMask: mask.expand([6, 4, 5]) },
    ]) {
      close(layer.forward(q, k, v, options)[0], output);
    }
    const [padded] = layer.forward(q, k, v, {
      keyPaddingMask: tensor([false, false, false, true, true]).expand([3, 5]),
    });
    close(padded, layer.forward(q, k.narrow(1, 0, 3), v.narrow(1, 0, 3))[0]);
  });

  it("has masks of its own for each head", () => {
    const mask = zeros([6, 4, 5], { dtype: "bool" });
    mask.narrow(0, 3, 1).fill_(1); // Head 1 of batch 1.
    mask.narrow(0, 3, 1).select(2, 0).fill_(0);
    const [, weights] = make().forward(q, k, v, { attnMask: mask, averageAttnWeights: false });
    expect(weights!.select(0, 1).select(0, 1).toArray()).toEqual(Array(4).fill([1, 0, 0, 0, 0]));
  });

  it("gives a query that sees nothing zeros and no NaN, in the gradient too", () => {
    for (const needWeights of [true, false]) {
      const layer = make({ bias: false });
      const x = q.clone();
      x.requiresGrad = true;
      const [output] = layer.forward(x, k, v, { keyPaddingMask: full([3, 5], true), needWeights });
      output.sum().backward();
      expect([output.abs().max().item(), x.grad!.abs().max().item()]).toEqual([0, 0]);
    }
  });

  it("drops weights while training", () => {
    const layer = make({ dropout: 1 });
    expect(layer.forward(q, k, v)[1]!.abs().max().item()).toBe(0);
    expect(
      layer.forward(q, k, v, { needWeights: false })[0].sub(layer.outProj.bias!).abs().max().item(),
    ).toBe(0);
    close(layer.eval().forward(q, k, v)[1]!.sum(-1), ones([3, 4]));
  });

  it("has PyTorch's keys and starts as it does", () => {
    manualSeed(2);
    const layer = new MultiheadAttention(64, 4, { addBiasKv: true });
    expect(Object.keys(layer.stateDict())).toEqual([
      ...["in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj.weight", "out_proj.bias"],
    ]);
    expectUniform(layer.inProjWeight!, Math.sqrt(6 / (64 + 192)));
    expectUniform(layer.outProj.weight, 1 / 8);
    expect([layer.inProjBias!, layer.outProj.bias!].map((x) => x.abs().max().item())).toEqual([0, 0]);
    expectMoments(layer.biasK!, 2 / (64 + 64));
    const wide = new MultiheadAttention(64, 4, { kdim: 32, bias: false });
    expect(Object.keys(wide.stateDict())).toEqual([
      ...["q_proj_weight", "k_proj_weight", "v_proj_weight", "out_proj.weight"],
    ]);
    expectUniform(wide.kProjWeight!, Math.sqrt(6 / (64 + 32)));
  });

  it("accepts an empty batch", () => {
    const none = zeros([0, 4, 8]);
    const [output, weights] = make().forward(none, none, none, { isCausal: true });
    expect([output.shape, weights!.shape]).toEqual([
      [0, 4, 8],
      [0, 4, 4],
    ]);
    output.sum().backward();
    const layer = new TransformerEncoderLayer(8, 2, { batchFirst: true });
    expect(layer.forward(none).shape).toEqual([0, 4, 8]);
  });

  it("refuses inputs that do not fit", () => {
    expect(() => new MultiheadAttention(8, 3)).toThrow(ThalwegError);
    expect(() => new MultiheadAttention(8, 3)).toThrow(
      "MultiheadAttention: 3 heads cannot share a width of 8; embedDim must be a multiple of numHeads",
    );
    expect(() => make().forward(q, k, q)).toThrow(ShapeError);
    expect(() => make().forward(q, k, q)).toThrow(
      "MultiheadAttention: the inputs do not fit, shapes [3, 4, 8], [3, 5, 8], [3, 4, 8]; they must be " +
        "[batch, queries, 8], [batch, keys, 8] and [batch, keys, 8], or without the batch",
    );
    expect(() => make().forward(q, k, v, { attnMask: zeros([5, 4]) })).toThrow(
      "MultiheadAttention: attnMask does not fit, shape [5, 4]; it must be [4, 5] or [6, 4, 5]",
    );
    expect(() => make().forward(q, k, v, { keyPaddingMask: zeros([5]) })).toThrow(
      "keyPaddingMask does not fit, shape [5]; it must be [3, 5]",
    );
  });
});

describe("TransformerEncoderLayer", () => {
  const options = { dimFeedforward: 16, batchFirst: true, dropout: 0 };
  const x = randn([2, 5, 8]);

  it("has PyTorch's keys", () => {
    expect(Object.keys(new TransformerEncoderLayer(8, 2).stateDict())).toEqual([
      ...["self_attn.in_proj_weight", "self_attn.in_proj_bias"],
      ...["self_attn.out_proj.weight", "self_attn.out_proj.bias"],
      ...["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"],
      ...["norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"],
    ]);
    const { linear1, selfAttn } = new TransformerEncoderLayer(8, 2, { bias: false });
    expect([linear1.outFeatures, linear1.bias, selfAttn.inProjBias]).toEqual([2048, null, null]);
  });

  it.each([false, true])("lets no position see a later one when causal, normFirst %s", (normFirst) => {
    const layer = new TransformerEncoderLayer(8, 2, { ...options, normFirst });
    const changed = x.clone();
    changed.select(1, 4).fill_(3);
    const [a, b] = [x, changed].map((input) => layer.forward(input, { isCausal: true }).narrow(1, 0, 4));
    close(a!, b!);
    expect(layer.forward(x).sub(layer.forward(changed)).narrow(1, 0, 4).abs().max().item()).toBeGreaterThan(
      1e-3,
    );
    close(layer.forward(x, { srcMask: later(5, 5) }), layer.forward(x, { isCausal: true }));
  });

  it("drops while training only", () => {
    const layer = new TransformerEncoderLayer(8, 2, { ...options, dropout: 0.5 });
    expect(layer.forward(x).sub(layer.forward(x)).abs().max().item()).toBeGreaterThan(1e-3);
    layer.eval();
    close(layer.forward(x), layer.forward(x));
  });

  it("accepts any function as activation, and two names", () => {
    expect(() => new TransformerEncoderLayer(8, 2, { activation: "tanh" as "relu" })).toThrow(
      'TransformerEncoderLayer: activation must be "relu" or "gelu", or a function, got "tanh"; call it as new ',
    );
    const layer = new TransformerEncoderLayer(8, 2, { ...options, activation: (y) => y.mul(0) });
    const x0 = layer.norm1.forward(x.add(layer.selfAttn.forward(x, x, x)[0]));
    close(layer.forward(x), layer.norm2.forward(x0.add(layer.linear2.bias!)));
  });
});
