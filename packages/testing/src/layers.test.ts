import * as nn from "@thalweg/nn";
import { describe, expect, it } from "vitest";
import { layerCases } from "../test/layers";
import { layerLaws } from "./index";

describe.each(layerCases.map((one) => [one.title, one] as const))("%s", (_, { make, inputs, options }) => {
  for (const law of layerLaws(make, inputs, options)) it(law.name, law.run);
});

it("cover all layers that nn exports", () => {
  const tried = new Set<unknown>(layerCases.map(({ make }) => make().constructor));
  const isLayer = (value: unknown) => {
    const { prototype } = Object(value) as { readonly prototype?: object };
    // Base classes of layers have no `forward`.
    return prototype instanceof nn.Module && "forward" in prototype;
  };
  const layers = Object.entries(nn).filter(([, value]) => isLayer(value));
  expect(layers.length).toBeGreaterThan(40);
  expect(layers.filter(([, Class]) => !tried.has(Class)).map(([name]) => name)).toEqual([]);
});
