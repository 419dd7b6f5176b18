import { initWebGPU, type WebGPUSession } from "@thalweg/tensor/webgpu";

/** The device that tests run on; null if there is none, which in CI is an error. */
export const session: WebGPUSession | null = await initWebGPU().catch((error: Error) => {
  const remedy = "the tests of WebGPU need a driver: apt-get install chromium-headless-shell brings one";
  if (process.env.CI) throw new Error(`${remedy} (${error.message})`);
  console.warn(`skipped, ${remedy} (${error.message})`);
  return null;
});
