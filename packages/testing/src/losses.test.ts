import { describe, it } from "vitest";
import { lossCases } from "../test/losses";
import { lossLaws } from "./index";

describe.each(lossCases.map((one) => [one.title, one] as const))("%s", (_, { loss, inputs, options }) => {
  for (const law of lossLaws(loss, inputs, options)) it(law.name, law.run);
});
