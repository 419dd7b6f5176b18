import { readFileSync } from "node:fs";
import * as firefox from "@thalweg/browser/firefox";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type Served, serve } from "../src/server/serve";
import { describeSite, isMounted, visit } from "./visit";

const example = readFileSync(new URL("../src/race/plugin-example.ts", import.meta.url), "utf8");

/** All figures of a page, without the table of chapter 5, which takes long. */
const figures = "figure.figure:not(:has(.ends))";

/** What the figures of a page say, with all numbers. */
const said = (all: Element[]) => all.map(({ textContent }) => textContent);

describe.skipIf(!firefox.installed && !process.env.CI)("in Firefox", () => {
  let browser: Browser;
  let site: Served;
  beforeAll(async () => {
    site = await serve();
    browser = await firefox.launch();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  /** Opens a page. The test fails if the page logs a warning or an error, throws, or asks another origin for anything. */
  async function open(path: string): Promise<Page> {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("console", (message) => {
      if (["warn", "error"].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => {
      const { message } = error as Error;
      // The library asks once whether it may make functions from text, and Firefox reports that it may not.
      if (!/^Content-Security-Policy: .* JavaScript eval/.test(message)) problems.push(`error: ${message}`);
    });
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith("http") && `${origin}/` !== site.url)
        problems.push(`request to ${request.url()}`);
    });
    onTestFinished(async () => {
      await page.close();
      expect(problems).toEqual([]);
    });
    page.setDefaultTimeout(300_000);
    await page.setViewport({ width: 1280, height: 900 });
    await page.goto(`${site.url}${path}`);
    await expect.poll(() => page.evaluate(isMounted)).toBe(true);
    return page;
  }

  const button = (page: Page, name: string) => page.locator(`::-p-aria([name="${name}"][role="button"])`);

  describeSite("beside Chromium", () => {
    test.each([
      "lesson/mountain",
      "lesson/mountain?descent.rate=0.05&descent.step=20",
      "lesson/loop",
      "lesson/blame?network.step=5",
      "lesson/rate",
      "lesson/batches",
      "lesson/walkers",
    ])("shows the same numbers: %s", async (path) => {
      const [{ page }, other] = await Promise.all([visit(path), open(path)]);
      for (const one of await page.locator("figure.figure").all()) await one.scrollIntoViewIfNeeded();
      for (const one of await other.$$("figure.figure")) await one.scrollIntoView();
      await vi.waitFor(
        async () => {
          const here = await page.locator(figures).evaluateAll(said);
          expect(here.join()).toMatch(/^[^–]+$/);
          expect(await other.$$eval(figures, said)).toEqual(here);
        },
        { timeout: 300_000, interval: 100 },
      );
    });
  });

  describeSite("playground", () => {
    test("a classifier is trained to the numbers of Chromium", async () => {
      const path = "play/classifier?classifier.epoch=20";
      const [{ page }, other] = await Promise.all([visit(path), open(path)]);
      const isReady = ".stage[aria-busy=false]";
      await Promise.all([page.locator(isReady).waitFor(), other.waitForSelector(isReady)]);
      // All but the steps in a second.
      const numbers = (all: Element[]) => all.slice(0, 6).map((one) => one.getAttribute("value"));
      const shown = await other.$$eval(".readings data", numbers);
      expect(shown[0]).toBe("20");
      expect(shown).toEqual(await page.locator(".readings data").evaluateAll(numbers));
    });

    test("a network learns digits to the numbers of Chromium", async () => {
      const path = "play/digits?digits.seed=3&digits.batch=400&digits.epochs=1";
      const [{ page }, other] = await Promise.all([visit(path), open(path)]);
      await page.getByRole("button", { name: "Train" }).click();
      await button(other, "Train").click();
      await page.locator("data.epoch[value='1']").waitFor();
      await other.waitForSelector("data.epoch[value='1']");
      const numbers = (all: Element[]) => all.map((one) => one.getAttribute("value"));
      await expect
        .poll(() => other.$$eval(".bars data", numbers))
        .toEqual(await page.locator(".bars data").evaluateAll(numbers));
    });
  });

  test("walks when it is run, and the data follow the hand", async () => {
    const page = await open("lesson/mountain?descent.step=0");
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await page.waitForSelector(".readings div:nth-child(6) data");
    await button(page, "Run").click();
    await page.waitForFunction(
      () => Number(document.querySelector<HTMLDataElement>(".readings data")?.value) > 20,
    );
    await button(page, "Pause").click();
    const point = await page.waitForSelector('::-p-aria([name="Data point 4"][role="slider"])');
    await point!.scrollIntoView();
    const { x, y, width, height } = (await point!.boundingBox())!;
    const [fromX, fromY] = [x + width / 2, y + height / 2];
    await page.mouse.move(fromX, fromY);
    await page.mouse.down();
    await page.mouse.move(fromX, fromY + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(() => new URL(location.href).searchParams.has("descent.points"));
  });

  test("runs programs of the reader, and says at which line they fail", async () => {
    const page = await open("lesson/loop");
    await button(page, "Edit").click();
    await page.locator(".cm-content").click();
    await page.keyboard.down("Control");
    await page.keyboard.press("End");
    await page.keyboard.up("Control");
    await page.keyboard.type('\nthrow new RangeError("enough");');
    await button(page, "Run program").click();
    const problems = await page.waitForSelector(".problems");
    expect(await problems!.evaluate(({ textContent }) => textContent)).toMatch(
      /line \d+.*RangeError: enough/s,
    );
  });

  test("races an optimizer of the reader, and stops one that does not end", async () => {
    const race = (program: string) =>
      open(
        `lesson/walkers?race.racers=adam_yours&race.follow=yours&race.plugin=${encodeURIComponent(program)}`,
      );
    const page = await race(example);
    await page.waitForSelector("tr[data-racer=yours] data");
    const endless = await race(example.replace("    return {", "    while (true) {}\n    return {"));
    const problems = await endless.waitForSelector(".problems");
    expect(await problems!.evaluate(({ textContent }) => textContent)).toMatch(/line 10.*1 s/s);
  });
});
