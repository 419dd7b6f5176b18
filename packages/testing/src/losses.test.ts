import * as losses from "@thalweg/losses";
import { describe, expect, it } from "vitest";
import { lossCases } from "../test/losses";
import { lossLaws } from "./index";

describe.each(lossCases.map((one) => [one.title, one] as const))("%s", (_, { loss, inputs, options }) => {
  for (const law of lossLaws(loss, inputs, options)) it(law.name, law.run);
});

it("cover all losses that are exported", () => {
  // Errors have to begin with the name of the called loss.
  const tried = new Set(lossCases.map(({ loss, options }) => options.name ?? loss.name));
  const names = Object.keys(losses);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !tried.has(name))).toEqual([]);
});
