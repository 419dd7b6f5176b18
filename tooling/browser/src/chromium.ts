import { type Browser, chromium } from "playwright-core";
import { findProgram } from "./find-program";

// The shell, which is Chromium without all that belongs to windows, starts pages with half of the work.
const executablePath = await findProgram(
  "chromium-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
);

/** Whether this machine has the browser. */
export const installed = executablePath !== undefined;

/** The remedy when it does not. */
export const remedy =
  "there is no Chromium on the PATH; install it: `apt-get install chromium-headless-shell`";

/** WebGPU on the CPU, so that the tests need no GPU. */
const webgpu = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Starts this machine's Chromium, without a window. */
export function launch(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(remedy);
  // Chromium cannot use its sandbox as root, which CI runs as.
  return chromium.launch({ executablePath, chromiumSandbox: false, args: webgpu, timeout: 0 });
}
