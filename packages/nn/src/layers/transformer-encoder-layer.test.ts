import { expect, it } from "vitest";
import { TransformerEncoderLayer } from "./transformer-encoder-layer";

it.each([
  [2 ** 31, 2],
  [7, 2],
])("TransformerEncoderLayer(%d, %d) names itself in errors of its layers", (width, heads) => {
  expect(() => new TransformerEncoderLayer(width, heads)).toThrow(/^TransformerEncoderLayer: /);
});
