import { describe, it } from "vitest";
import { layerCases } from "../test/layers";
import { layerLaws } from "./index";

describe.each(layerCases.map((one) => [one.title, one] as const))("%s", (_, { make, inputs, options }) => {
  for (const law of layerLaws(make, inputs, options)) it(law.name, law.run);
});
