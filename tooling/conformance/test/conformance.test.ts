import "@thalweg/losses";
import { initWebGPU, type WebGPUSession } from "@thalweg/tensor/webgpu";
import { backendConformance } from "@thalweg/testing";
import { afterEach, beforeEach, describe, it } from "vitest";
import { session } from "./session";

describe.skipIf(session === null)("WebGPU", () => {
  // A session for each, so that the errors of one law do not reach the next.
  let own: WebGPUSession;
  beforeEach(async () => {
    own = await initWebGPU();
  });
  afterEach(async () => {
    own.destroy();
    await own.lost;
  });

  for (const law of backendConformance("webgpu", { numRuns: 6 })) it(law.name, law.run);
});
