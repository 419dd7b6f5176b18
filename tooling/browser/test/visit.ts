import type { Browser } from "playwright-core";
import type { Browser as Firefox } from "puppeteer-core";
import type { programs } from "../src/programs/index";

type Programs = typeof programs;

/** A page's report. */
export interface Said<Result> {
  readonly result: Result;
  /** Whether the page was cross-origin isolated. */
  readonly isolated: boolean;
  /** Violations of its Content-Security-Policy. */
  readonly blocked: readonly string[];
}

/** A page's report, and observations from outside. */
export interface Visit<Result> extends Said<Result> {
  /** Addresses of all its requests. */
  readonly requests: readonly string[];
}

/** The address of the page for running a program. */
function addressOf(url: string, name: string, values: readonly unknown[]): string {
  return `${url}#${encodeURIComponent(JSON.stringify([name, ...values]))}`;
}

/** Opens the page at `url`, which runs a program; fails with the page's first uncaught error. */
export async function visit<Name extends keyof Programs>(
  browser: Browser,
  url: string,
  name: Name,
  ...values: Parameters<Programs[Name]>
): Promise<Visit<Awaited<ReturnType<Programs[Name]>>>> {
  const page = await browser.newPage();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  const failure = page.waitForEvent("pageerror", { timeout: 0 }).then((error) => Promise.reject(error));
  // A page that is closed without an error also rejects.
  failure.catch(() => {});
  try {
    await page.goto(addressOf(url, name, values), { timeout: 0 });
    const text = await Promise.race([page.locator("output").textContent({ timeout: 0 }), failure]);
    return { ...JSON.parse(text!), requests };
  } finally {
    await page.close();
  }
}

/** The same in Firefox, without its requests. */
export async function visitInFirefox<Name extends keyof Programs>(
  browser: Firefox,
  url: string,
  name: Name,
  ...values: Parameters<Programs[Name]>
): Promise<Said<Awaited<ReturnType<Programs[Name]>>>> {
  const page = await browser.newPage();
  const failure = new Promise<never>((_, reject) =>
    page.on("pageerror", (error) => {
      // What the policy blocks is reported like an exception, and the page says it, too.
      if (!(error as Error).message.startsWith("Content-Security-Policy")) reject(error);
    }),
  );
  // A page that is closed has not failed.
  failure.catch(() => {});
  try {
    await page.goto(addressOf(url, name, values), { timeout: 0 });
    const output = await Promise.race([page.waitForSelector("output", { timeout: 0 }), failure]);
    return JSON.parse(await output!.evaluate(({ textContent }) => textContent));
  } finally {
    await page.close();
  }
}
