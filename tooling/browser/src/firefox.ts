import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { softwareDriver } from "@thalweg/conformance/software-driver";
import { findProgram } from "./find-program";

const program = await findProgram("firefox", "firefox-esr");

/** Whether this machine has the browser. */
export const installed = program !== undefined;

/** The remedy when it does not. */
export const remedy = "there is no Firefox on the PATH; install it: `apt-get install firefox-esr`";

/** Enables WebGPU, which this browser does not have everywhere yet, on any driver. */
const preferences = `user_pref("dom.webgpu.enabled", true);
user_pref("gfx.webgpu.ignore-blocklist", true);
`;

/**
 * Opens an address without a window, in a separate browser, and returns what the page sends to
 * the address in `report` of its query. Automation needs a newer Firefox than Debian has.
 *
 * @param most milliseconds after which the browser is ended
 */
export async function ask(url: URL, most: number): Promise<string> {
  if (program === undefined) throw new Error(remedy);
  const profile = await mkdtemp(join(tmpdir(), "firefox-"));
  await writeFile(join(profile, "user.js"), preferences);
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const said = new Promise<string>((resolve, reject) => {
    server.once("request", (request, response) => {
      response.setHeader("Cross-Origin-Resource-Policy", "cross-origin").end();
      text(request).then(resolve, reject);
    });
  });
  const { port } = server.address() as AddressInfo;
  const address = new URL(url);
  address.searchParams.set("report", `http://localhost:${port}/`);
  // As root it needs a home of its own.
  const browser = spawn(program, ["--headless", "--no-remote", "--profile", profile, address.href], {
    env: { ...process.env, ...softwareDriver(), HOME: profile },
    stdio: "ignore",
    timeout: most,
  });
  const ended = once(browser, "exit");
  try {
    return await Promise.race([
      said,
      ended.then(() => {
        throw new Error(`Firefox ended, or was ended after ${most} ms, before the page had said anything`);
      }),
    ]);
  } finally {
    browser.kill();
    await ended;
    server.close();
    await rm(profile, { recursive: true, force: true });
  }
}
