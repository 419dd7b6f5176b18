import { fileURLToPath } from "node:url";
import {
  BatchNorm2d,
  Conv2d,
  Linear,
  LSTM,
  loadSafetensors,
  Module,
  ReLU,
  readSafetensorsHeader,
  Sequential,
  type Tensor,
  TransformerEncoderLayer,
  zeros,
} from "thalweg";
import { describe, expect, it } from "vitest";
import { Comparison, dtypes, leaf } from "./compare";
import { type Expected, load, type Stored } from "./fixture";

interface Fixture {
  readonly cases: readonly {
    readonly input: Stored;
    readonly output: { readonly shape: readonly number[]; readonly data: Expected };
    /** Shapes by name. */
    readonly keys: Readonly<Record<string, readonly number[]>>;
    /** Number of batches that the normalisation has seen. */
    readonly batches: Expected;
  }[];
}

/** The model that `cases/checkpoint.py` saves. */
class Model extends Module {
  features: Sequential = new Sequential(new Conv2d(1, 4, 3), new BatchNorm2d(4), new ReLU());
  encoder = new TransformerEncoderLayer(4, 2, { dimFeedforward: 6, dropout: 0, batchFirst: true });
  reader = new LSTM(4, 3, { batchFirst: true, bidirectional: true });
  head = new Linear(6, 2);

  override forward(x: Tensor): Tensor {
    const positions = this.features.forward(x).flatten(2).transpose(1, 2);
    const [read] = this.reader.forward(this.encoder.forward(positions));
    return this.head.forward(read.select(1, -1));
  }
}

const [{ input, output, keys, batches }] = load<Fixture>("checkpoint").cases as [Fixture["cases"][0]];
const path = fileURLToPath(new URL("../fixtures/checkpoint.safetensors", import.meta.url));

describe("a model that PyTorch saved", () => {
  it("has the names and shapes of ours", () => {
    const own = Object.entries(new Model().stateDict()).map(([name, x]) => [name, [...x.shape]]);
    expect(Object.fromEntries(own)).toEqual(keys);
    const { metadata, tensors } = readSafetensorsHeader(path);
    expect([metadata, tensors["head.weight"]!.dtype]).toEqual([{ format: "pt" }, "F16"]);
  });

  it.each(dtypes)("computes the same as there, in %s", (dtype) => {
    const model = new Model().to(dtype).eval();
    expect(model.loadStateDict(loadSafetensors(path))).toEqual({ missing: [], unexpected: [] });
    const comparison = new Comparison(dtype);
    comparison.tensor("output", model.forward(leaf(input, dtype)), output.shape, output.data);
    comparison.numbers("batches", model.stateDict()["features.1.num_batches_tracked"]!.dataSync(), batches);
    comparison.finish(2);
  });

  it("is refused by another model, with every difference listed", () => {
    const other = new Model();
    other.head = new Linear(7, 2, { bias: false });
    other.features = new Sequential(new Conv2d(1, 4, 3, { bias: false }), new BatchNorm2d(4));
    other.reader = new LSTM(4, 3, { batchFirst: true });
    const before = other.encoder.linear1.weight.toArray();
    expect(() => other.loadStateDict({ ...loadSafetensors(path), "head.scale": zeros([1]) })).toThrow(
      'loadStateDict: the state does not fit, "features.0.bias" is unexpected, "head.bias" is unexpected, ' +
        '"reader.bias_hh_l0_reverse" is unexpected, "reader.bias_ih_l0_reverse" is unexpected, ' +
        '"reader.weight_hh_l0_reverse" is unexpected, "reader.weight_ih_l0_reverse" is unexpected, ' +
        '"head.scale" is unexpected, "head.weight" has shape [2, 6], not [2, 7]; ',
    );
    expect(other.encoder.linear1.weight.toArray()).toEqual(before);
  });
});
