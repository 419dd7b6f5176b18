import {
  bernoulli_,
  exponential,
  exponential_,
  Generator,
  geometric,
  gumbel,
  multinomial,
  normal,
  normal_,
  type RandomOptions,
  rand,
  type Tensor,
  uniform_,
  zeros,
} from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { session } from "./session";

type Draw = (place: RandomOptions & { readonly device: string }) => Tensor;

const weights = rand([50, 80], { generator: new Generator(2) });
const spread = rand([4000], { generator: new Generator(3) });
const filled =
  (fill: (x: Tensor, place: RandomOptions) => Tensor): Draw =>
  ({ device, generator }) =>
    fill(zeros([4000], { device }), { generator: generator! });

const real: Record<string, Draw> = {
  exponential: (place) => exponential([4000], 0.3, place),
  gumbel: (place) => gumbel([4000], place),
  normal: (place) => normal(1, 2, [4000], place),
  "normal of tensors": ({ device, generator }) =>
    normal(spread.to(device), spread.to(device), { generator: generator! }),
  uniform_: filled((x, options) => uniform_(x, -1, 3, options)),
  normal_: filled((x, options) => normal_(x, 1, 2, options)),
  exponential_: filled((x, options) => exponential_(x, 2, options)),
};

const whole: Record<string, Draw> = {
  geometric: (place) => geometric([4000], 0.3, { ...place, dtype: "int32" }),
  bernoulli_: filled((x, options) => bernoulli_(x, 0.3, options)),
  "one category": ({ device, generator }) => multinomial(weights.to(device), 1, { generator: generator! }),
  categories: ({ device, generator }) => multinomial(weights.to(device), 20, { generator: generator! }),
  "categories with replacement": ({ device, generator }) =>
    multinomial(weights.to(device), 200, { replacement: true, generator: generator! }),
};

describe.skipIf(session === null)("draws on the GPU", () => {
  const on = async (device: string, draw: Draw) =>
    Array.from(await draw({ device, generator: new Generator(7) }).data());

  it.each(Object.entries(real))(
    "are those of the CPU, but for the rounding of functions: %s",
    async (_, draw) => {
      const [here, there] = [await on("cpu", draw), await on("webgpu", draw)];
      expect(there.length).toBe(here.length);
      there.forEach((value, i) => {
        expect(Math.abs(value - here[i]!)).toBeLessThan(4e-6 * Math.max(1, Math.abs(here[i]!)));
      });
    },
  );

  it.each(Object.entries(whole))("are those of the CPU: %s", async (_, draw) => {
    expect(await on("webgpu", draw)).toEqual(await on("cpu", draw));
  });
});
