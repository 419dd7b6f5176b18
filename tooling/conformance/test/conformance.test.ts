import "@thalweg/losses";
import { initWebGPU } from "@thalweg/tensor/webgpu";
import { backendConformance } from "@thalweg/testing";
import { afterAll, afterEach, beforeEach, describe, it } from "vitest";
import { session } from "./session";

describe.skipIf(session === null)("WebGPU", () => {
  // Laws share a session, because many have the same kernels. One that was broken has its errors for itself.
  let own = session;
  beforeEach(async () => {
    own ??= await initWebGPU();
  });
  async function end() {
    own?.destroy();
    await own?.lost;
    own = null;
  }
  afterEach(({ task }) => (task.result?.state === "fail" ? end() : undefined));
  afterAll(end);

  for (const law of backendConformance("webgpu", { numRuns: 6 })) it(law.name, law.run);
});
