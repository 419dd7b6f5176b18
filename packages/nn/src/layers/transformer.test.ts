import { ArgumentError, randn, type Tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  LayerNorm,
  Linear,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
} from "../index";

const close = (a: Tensor, b: Tensor) => expect(a.sub(b).abs().max().item()).toBeLessThan(1e-5);
const options = { dimFeedforward: 16, batchFirst: true, dropout: 0 };
const [target, memory] = [randn([2, 5, 8]), randn([2, 7, 8])];
/** The input with other elements at a position. */
const changedAt = (x: Tensor, position: number) => {
  const changed = x.clone();
  changed.select(1, position).fill_(3);
  return changed;
};

describe("TransformerDecoderLayer", () => {
  it.each([false, true])("lets no position see a later one when causal, normFirst %s", (normFirst) => {
    const layer = new TransformerDecoderLayer(8, 2, { ...options, normFirst });
    const causal = (x: Tensor, y = memory) =>
      layer.forward(x, y, { tgtIsCausal: true, memoryIsCausal: true });
    const early = causal(target).narrow(1, 0, 4);
    close(causal(changedAt(target, 4)).narrow(1, 0, 4), early);
    close(causal(target, changedAt(memory, 4)).narrow(1, 0, 4), early);
    const moved = layer.forward(target, changedAt(memory, 4)).sub(layer.forward(target, memory));
    expect(moved.narrow(1, 0, 4).abs().max().item()).toBeGreaterThan(1e-3);
  });

  it("drops while training only", () => {
    const layer = new TransformerDecoderLayer(8, 2, { ...options, dropout: 0.5 });
    const difference = () =>
      layer.forward(target, memory).sub(layer.forward(target, memory)).abs().max().item();
    expect(difference()).toBeGreaterThan(1e-3);
    layer.eval();
    expect(difference()).toBe(0);
  });

  it("names itself in errors of its layers", () => {
    expect(() => new TransformerDecoderLayer(7, 2)).toThrow(/^TransformerDecoderLayer: 2 heads cannot share/);
  });
});

describe("a stack of layers", () => {
  const encoderLayer = () => new TransformerEncoderLayer(8, 2, options);

  it("runs its layers one after the other, with the masks, and its norm", () => {
    const norm = new LayerNorm(8);
    const encoder = new TransformerEncoder(encoderLayer, 2, { norm });
    const [first, second] = encoder.layers;
    const expected = norm.forward(
      second!.forward(first!.forward(target, { isCausal: true }), { isCausal: true }),
    );
    close(encoder.forward(target, { isCausal: true }), expected);
    expect(encoder.forward(target).sub(expected).abs().max().item()).toBeGreaterThan(1e-3);
    const decoder = new TransformerDecoder(() => new TransformerDecoderLayer(8, 2, options), 2);
    const [one, two] = decoder.layers;
    close(decoder.forward(target, memory), two!.forward(one!.forward(target, memory), memory));
  });

  it("has layers with parameters of their own", () => {
    const encoder = new TransformerEncoder(encoderLayer, 3);
    expect(new Set(encoder.parameters()).size).toBe(3 * encoderLayer().parameters().length);
    const [a, b] = encoder.layers;
    expect(a!.linear1.weight.sub(b!.linear1.weight).abs().max().item()).toBeGreaterThan(0);
  });

  it("does not take a layer, or what makes none", () => {
    const layer = encoderLayer();
    const make = (maker: unknown) => () => new TransformerEncoder(maker as () => typeof layer, 2);
    expect(make(layer)).toThrow(ArgumentError);
    expect(make(layer)).toThrow(
      "TransformerEncoder: the layers come from one layer, which cannot be copied; pass a function that makes one: " +
        "() => new TransformerEncoderLayer(...)",
    );
    expect(make(() => layer)).toThrow(
      "TransformerEncoder: makeLayer returned the same layer again; make a new one in each call",
    );
    expect(make(() => 3)).toThrow("TransformerEncoder: makeLayer returned no module");
    expect(() => new TransformerDecoder(new Linear(2, 2) as never, 2)).toThrow(
      "() => new TransformerDecoderLayer(...)",
    );
  });
});
