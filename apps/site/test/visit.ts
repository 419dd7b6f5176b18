import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as chromium from "@thalweg/browser/chromium";
import type { RunOptions } from "axe-core";
import type { Browser, BrowserContextOptions, Page, Response } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished } from "vitest";
import { builtHeaders, type Served, serve } from "../src/server/serve";

/** How a reader comes to the site. */
export interface Reader {
  /** The first of the languages that the browser asks for. */
  readonly language?: "en" | "zh";
  readonly scheme?: "light" | "dark";
  readonly screen?: "desk" | "phone";
  /** Whether the reader prefers less motion. */
  readonly isStill?: boolean;
  /** Whether the page is cross-origin isolated, as when our server sends the headers for it. */
  readonly isIsolated?: boolean;
  /** Whether the browser has WebGPU, which computes on the CPU here. "page" if it fails in workers. */
  readonly hasWebGPU?: boolean | "page";
  /** Runs in the page before its own scripts. */
  readonly script?: string;
}

/** A file that a page fetched. */
export interface Fetched {
  readonly path: string;
  /** Bytes, compressed. */
  readonly size: number;
}

/** A page of the site in a browser. */
export interface Visit {
  readonly page: Page;
  /** All files that were fetched so far. */
  fetched(): Promise<Fetched[]>;
}

/** The languages in which a page is looked at, and the screens on which it is opened. */
export const openings = [
  ["en", "desk"],
  ["zh", "phone"],
] as const;

const screens = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };
const locales = { en: "en-GB", zh: "zh-CN" };
/** Where screenshots are written. Git ignores it. */
const pictures = fileURLToPath(new URL("../screenshots/", import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
let isolated: Served;
let plain: Served;

/** Declares tests in Chromium against the production build. Without a browser they are skipped, except in CI. */
export function describeSite(name: string, tests: () => void): void {
  describe.skipIf(!chromium.installed && !process.env.CI)(name, () => {
    beforeAll(async () => {
      const { "Content-Security-Policy": policy } = builtHeaders();
      isolated = await serve();
      plain = await serve(0, { "Content-Security-Policy": policy! });
      browser = await chromium.launch();
    });
    afterAll(async () => {
      await browser?.close();
      await isolated?.close();
      await plain?.close();
    });
    tests();
  });
}

function contextOf({ language = "en", scheme = "light", screen = "desk", isStill = false }: Reader) {
  return {
    locale: locales[language],
    colorScheme: scheme,
    viewport: screens[screen],
    isMobile: screen === "phone",
    hasTouch: screen === "phone",
    reducedMotion: isStill ? "reduce" : "no-preference",
  } satisfies BrowserContextOptions;
}

/** Runs in a page: whether Vue has mounted it. Keys and clicks before that are lost. */
export const isMounted = () => "__vue_app__" in document.querySelector("#app")!;

async function sizeOf(response: Response): Promise<Fetched> {
  // A page that has been left has nothing.
  const body = await response.body().catch(() => "");
  return { path: new URL(response.url()).pathname, size: gzipSync(body).length };
}

/**
 * Opens a page, such as `lesson/mountain`, and waits until Vue has mounted it. The test fails if the page logs a warning or an error, throws, breaks its policy, or
 * asks another origin for anything.
 */
export async function visit(path: string, reader: Reader = {}): Promise<Visit> {
  const { url } = reader.isIsolated === false ? plain : isolated;
  const context = await browser.newContext(contextOf(reader));
  context.setDefaultTimeout(300_000);
  const page = await context.newPage();
  if (reader.script !== undefined) await page.addInitScript(reader.script);
  if (reader.hasWebGPU === false) {
    await page.addInitScript("Reflect.deleteProperty(Navigator.prototype, 'gpu')");
  }
  if (reader.hasWebGPU === "page") {
    await page.route(/\.worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      const fault = "GPU.prototype.requestAdapter = async () => { throw new Error('no adapter today'); };";
      await route.fulfill({ response, body: `${fault}${await response.text()}` });
    });
  }
  const problems: string[] = [];
  const answers: Response[] = [];
  page.on("console", (message) => {
    if (!["debug", "info", "log"].includes(message.type()))
      problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && `${origin}/` !== url) problems.push(`request to ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.url().startsWith(url) && response.ok()) answers.push(response);
  });
  onTestFinished(async () => {
    await context.close();
    expect(problems).toEqual([]);
  });
  await page.goto(`${url}${path}`);
  await expect.poll(() => page.evaluate(isMounted)).toBe(true);
  return { page, fetched: () => Promise.all(answers.map(sizeOf)) };
}

/** Expects that axe finds nothing to improve in what is on the page. */
async function expectAccessible(page: Page): Promise<void> {
  // The policy forbids scripts that are added to the page; the debugger's are not bound by it.
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const options: RunOptions = { resultTypes: ["violations"] };
    const found = await (
      globalThis as unknown as typeof import("axe-core") & { axe: typeof import("axe-core") }
    ).axe.run(document, options);
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary ?? ""}`),
    );
  });
  expect(violations).toEqual([]);
}

/** Expects that nothing is wider than the screen. */
export async function expectFits(page: Page): Promise<void> {
  const { width } = page.viewportSize()!;
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
}

/** What stays in place while the page scrolls would cover the figures. */
const withoutBars = ".VPNav, .VPLocalNav { display: none }";

/** Takes pictures of all figures of a page, named by the page, their number and the reader. */
async function photograph(page: Page, name: string): Promise<void> {
  const figures = await page.locator("figure.figure").all();
  for (const [i, figure] of figures.entries()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.screenshot({
      path: `${pictures}${name}-${i + 1}.png`,
      animations: "disabled",
      style: withoutBars,
    });
  }
}

/** Waits until colours have changed: axe would see those between. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise(requestAnimationFrame);
    const ending = document
      .getAnimations()
      .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/**
 * Expects that a page is accessible and fits, in light on its screen and in dark on the other one, and takes pictures of its
 * figures if they have a name.
 */
export async function expectPresentable(page: Page, language: "en" | "zh", name?: string): Promise<void> {
  const own = page.viewportSize()!.width === screens.desk.width ? "desk" : "phone";
  const other = own === "desk" ? "phone" : "desk";
  const show = async (scheme: "light" | "dark", screen: "desk" | "phone") => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize(screens[screen]);
    await settled(page);
  };
  for (const [scheme, screen] of [
    ["light", own],
    ["dark", other],
  ] as const) {
    await show(scheme, screen);
    await expectAccessible(page);
    await expectFits(page);
    if (name !== undefined) await photograph(page, `${name}-${language}-${scheme}-${screen}`);
  }
  await show("light", own);
}

/** Bytes, compressed: all that a chapter, or a page of the playground, fetches before its reader does anything. */
const budgets = { chapter: 250_000, playground: 275_000 };
/** Bytes, compressed, of the scripts of a page's figures without the library. */
const figureBudget = 120_000;

const figureScript = /\/chunks\/(?!framework|theme|metadata)[^/]+\.js$/;

const sum = (files: readonly Fetched[]) => files.reduce((total, { size }) => total + size, 0);

/** Expects that a page that was just opened has not fetched more than its budgets. */
export async function expectSmall(
  { page, fetched }: Visit,
  kind: keyof typeof budgets = "chapter",
): Promise<void> {
  await page.waitForLoadState("networkidle");
  // The second worker takes what the first has fetched from the cache.
  const files = [...new Map((await fetched()).map((file) => [file.path, file])).values()];
  const scripts = files.filter(({ path }) => figureScript.test(path));
  expect(scripts.length).toBeGreaterThan(0);
  expect(sum(scripts)).toBeLessThanOrEqual(figureBudget);
  expect(sum(files), JSON.stringify(files)).toBeLessThanOrEqual(budgets[kind]);
}
