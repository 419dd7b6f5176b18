import {
  Bilinear,
  Embedding,
  GRU,
  LSTM,
  type Module,
  MultiheadAttention,
  RNN,
  TransformerEncoderLayer,
} from "@thalweg/nn";
import { Generator, manualSeed, randint, randn, Tensor, tensor } from "@thalweg/tensor";
import { layerLaws } from "@thalweg/testing";
import { describe, expect, it } from "vitest";
import { layerCases } from "../../../packages/testing/test/layers";
import { session } from "./session";

const generator = new Generator(2);
const [x, wide] = [randn([3, 5, 8], { generator }), randn([3, 5, 4], { generator })];
const hidden = tensor([[0, 0, 0, 0, 1]]).expand([3, 5]);

/** The construction and call of a layer, with tensors on its device. */
const cases: Readonly<
  Record<string, readonly [make: () => Module, inputs: readonly Tensor[], options?: object]>
> = {
  RNN: [() => new RNN(8, 4, { bidirectional: true }), [x]],
  GRU: [() => new GRU(8, 4, { batchFirst: true }), [x]],
  LSTM: [() => new LSTM(8, 6, { numLayers: 2, projSize: 3 }), [x]],
  Bilinear: [() => new Bilinear(8, 4, 2), [x, wide]],
  Embedding: [() => new Embedding(6, 4, { paddingIdx: 1, maxNorm: 1 }), [randint([3, 5], 6, { generator })]],
  MultiheadAttention: [
    () => new MultiheadAttention(8, 2, { kdim: 4, vdim: 4, batchFirst: true, addBiasKv: true }),
    [x, wide, wide],
    { keyPaddingMask: hidden, isCausal: true },
  ],
  TransformerEncoderLayer: [
    () => new TransformerEncoderLayer(8, 2, { dimFeedforward: 16, dropout: 0, activation: "gelu" }),
    [x],
  ],
};

const flat = (result: unknown): Tensor[] =>
  Array.isArray(result) ? result.flatMap(flat) : result instanceof Tensor ? [result] : [];

/** All outputs, and the gradients of all parameters. */
async function run(device: string, [make, inputs, options]: (typeof cases)[string]): Promise<number[]> {
  manualSeed(4);
  const model = make().to(device) as Module & { forward(...values: unknown[]): unknown };
  const move = (value: unknown) => (value instanceof Tensor ? value.to(device) : value);
  const given = Object.fromEntries(Object.entries(options ?? {}).map(([name, value]) => [name, move(value)]));
  const outputs = flat(model.forward(...inputs.map(move), ...(options === undefined ? [] : [given])));
  outputs
    .map((y) => y.square().mean())
    .reduce((a, b) => a.add(b))
    .backward();
  const gradients = model.parameters().map(({ grad }) => grad!);
  const read = await Promise.all([...outputs, ...gradients].map((y) => y.data()));
  return read.flatMap((values) => [...values]);
}

describe.skipIf(session === null)("layers on the GPU", () => {
  it.each(Object.entries(cases))("%s computes the same as on the CPU", async (_, layer) => {
    const [there, here] = [await run("webgpu", layer), await run("cpu", layer)];
    expect(there.length).toBe(here.length);
    const differences = there.map((value, i) => Math.abs(value - here[i]!));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  const anywhere = layerCases.filter(({ options }) => options.devices === undefined);
  describe.each(anywhere.map((one) => [one.title, one] as const))("%s", (_, { make, inputs, options }) => {
    const laws = layerLaws(make, inputs, { ...options, devices: ["webgpu"], numRuns: 1 });
    for (const law of laws.filter(({ name }) => name.endsWith("webgpu"))) it(law.name, law.run);
  });
});
