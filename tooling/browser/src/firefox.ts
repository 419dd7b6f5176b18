import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { softwareDriver } from "@thalweg/conformance/software-driver";
import { type Browser, launch as start } from "puppeteer-core";
import { findProgram } from "./find-program";

const executablePath = await findProgram("firefox", "firefox-esr");

/** Whether this machine has the browser. */
export const installed = executablePath !== undefined;

/** The remedy when it does not. */
export const remedy = "there is no Firefox on the PATH; install it: `apt-get install firefox-esr`";

/** WebGPU, which this browser does not have everywhere yet, on any driver. */
const webgpu = { "dom.webgpu.enabled": true, "gfx.webgpu.ignore-blocklist": true };

/**
 * Starts this machine's Firefox, without a window. Puppeteer drives it: Playwright's protocol needs a Firefox of
 * Playwright's own.
 */
export async function launch(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(remedy);
  // As root it needs a home of its own.
  const home = mkdtempSync(join(tmpdir(), "firefox-"));
  const browser = await start({
    browser: "firefox",
    executablePath,
    extraPrefsFirefox: webgpu,
    env: { ...process.env, ...softwareDriver(), HOME: home },
    timeout: 0,
    protocolTimeout: 600_000,
  });
  browser.process()!.once("exit", () => rmSync(home, { recursive: true, force: true }));
  return browser;
}
