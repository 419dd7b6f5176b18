import type { Browser } from "playwright-core";
import type { programs } from "../src/programs/index";

type Programs = typeof programs;

/** What a page said, and what was seen of it. */
export interface Visit<Result> {
  readonly result: Result;
  /** Whether the page was cross-origin isolated. */
  readonly isolated: boolean;
  /** What its Content-Security-Policy kept it from. */
  readonly blocked: readonly string[];
  /** Addresses of everything it asked for. */
  readonly requests: readonly string[];
}

/** Opens the page at `url`, which runs a program; fails with the first error that the page does not catch. */
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
  // A page that is closed without an error rejects, too.
  failure.catch(() => {});
  try {
    await page.goto(`${url}#${encodeURIComponent(JSON.stringify([name, ...values]))}`);
    const text = await Promise.race([page.locator("output").textContent({ timeout: 0 }), failure]);
    return { ...JSON.parse(text!), requests };
  } finally {
    await page.close();
  }
}
