import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as chromium from "@thalweg/browser/chromium";
import { describe, expect, onTestFinished, test } from "vitest";

const root = new URL("../../../", import.meta.url);

describe.skipIf(!chromium.installed && !process.env.CI)("the page without a bundler", () => {
  test("trains, with the packages that its import map names", async () => {
    const browser = await chromium.launch();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    await page.route("http://localhost/**", (route) => {
      const path = new URL(route.request().url()).pathname;
      const file =
        path === "/" ? "apps/site/examples/start.html" : path.replace("/node_modules/@thalweg/", "packages/");
      return route.fulfill({
        body: readFileSync(fileURLToPath(new URL(file.replace(/^\//, ""), root))),
        contentType: path.endsWith(".js") ? "text/javascript" : "text/html",
      });
    });
    await page.goto("http://localhost/");
    await expect.poll(() => page.locator("#line").textContent()).toBe("y = 2.00 x + 1.00");
    expect(problems).toEqual([]);
  });
});
