import { setCodeGeneration, setWebAssembly } from "@thalweg/cpu";
import { afterEach, describe, expect, it } from "vitest";
import {
  exponential,
  Generator,
  geometric,
  gumbel,
  multinomial,
  normal,
  rand,
  type Tensor,
  zeros,
} from "../../src/index";

const draws: Record<string, (generator: Generator) => Tensor> = {
  exponential: (generator) => exponential([40, 100], 0.3, { generator }),
  gumbel: (generator) => gumbel([4000], { generator }),
  geometric: (generator) => geometric([4000], 0.01, { generator, dtype: "int32" }),
  normal: (generator) => normal(zeros([4000]), rand([4000], { generator }), { generator }),
  "one category": (generator) => multinomial(rand([50, 80], { generator }), 1, { generator }),
  categories: (generator) => multinomial(rand([50, 80], { generator }), 20, { generator }),
  "categories with replacement": (generator) =>
    multinomial(rand([80], { generator }), 2000, { replacement: true, generator }),
};

const bits = (draw: (generator: Generator) => Tensor) => {
  const { buffer, byteOffset, byteLength } = draw(new Generator(9)).dataSync();
  return Buffer.from(buffer, byteOffset, byteLength).toString("hex");
};

const before = [setWebAssembly("never"), setCodeGeneration(true)] as const;
const javascript = Object.fromEntries(Object.entries(draws).map(([name, draw]) => [name, bits(draw)]));
afterEach(() => {
  setWebAssembly(before[0]);
  setCodeGeneration(before[1]);
});

describe.each([
  ["WebAssembly", "always", true],
  ["JavaScript without generated code", "never", false],
] as const)("draws with %s", (_, use, generate) => {
  it.each(Object.entries(draws))("have the bits of JavaScript: %s", (name, draw) => {
    setWebAssembly(use);
    setCodeGeneration(generate);
    expect(bits(draw)).toBe(javascript[name]);
  });
});
