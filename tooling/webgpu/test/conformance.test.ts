import "@thalweg/losses";
import { backendConformance } from "@thalweg/testing";
import { describe, it } from "vitest";
import { session } from "./session";

describe.skipIf(session === null)("WebGPU", () => {
  for (const law of backendConformance("webgpu", { numRuns: 6 })) it(law.name, law.run);
});
