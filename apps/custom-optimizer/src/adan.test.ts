import { optimizerLaws } from "@thalweg/testing";
import { test } from "vitest";
import { Adan } from "./adan";

for (const law of optimizerLaws(Adan, { options: { lr: 0.05 } })) test(law.name, law.run);
