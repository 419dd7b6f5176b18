import { type Browser, chromium } from "playwright-core";
import { findProgram } from "./find-program";

const executablePath = await findProgram(
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
);

/** Whether this machine has a browser. */
export const installed = executablePath !== undefined;

/** What to do where it has none. */
export const remedy = "there is no Chromium on the PATH; install it: `apt-get install chromium`";

/** WebGPU on the CPU: no machine has to have a GPU for the tests. */
const webgpu = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Starts the Chromium of this machine, without a window. */
export function launch(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(remedy);
  // Chromium cannot have a sandbox as root, as which CI runs.
  return chromium.launch({ executablePath, chromiumSandbox: false, args: webgpu, timeout: 0 });
}
