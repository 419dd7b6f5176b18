import { expect, it } from "vitest";
import { TransformerEncoderLayer } from "./transformer-encoder-layer";

it.each([
  [2 ** 31, 2],
  [7, 2],
])("TransformerEncoderLayer(%d, %d) is named in errors of the layers that it is made of", (width, heads) => {
  expect(() => new TransformerEncoderLayer(width, heads)).toThrow(/^TransformerEncoderLayer: /);
});
