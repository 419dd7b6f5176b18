import { expect, test } from "vitest";
import { brokenLinks } from "./links";
import { describeSite, expectPresentable, openings, visit } from "./visit";

test("all links lead somewhere", () => {
  expect(brokenLinks()).toEqual([]);
});

describeSite("the site", () => {
  test.each([
    ["zh", "lesson/", "/zh/lesson/"],
    ["en", "zh/lesson/?a.b=1#top", "/lesson/?a.b=1#top"],
    ["en", "lesson/", "/lesson/"],
    ["zh", "zh/", "/zh/"],
    ["zh", "", "/zh/"],
  ] as const)("takes a reader of %s who opens /%s to %s", async (language, path, expected) => {
    const { page } = await visit(path, { language });
    await page.waitForURL((url) => `${url.pathname}${url.search}${url.hash}` === expected);
  });

  test("remembers the language that a reader has chosen", async () => {
    const { page } = await visit("lesson/?a.b=1", { language: "zh" });
    await page.waitForURL("**/zh/lesson/?a.b=1");
    await page.getByRole("link", { name: "English" }).click();
    await page.waitForURL((url) => url.pathname === "/lesson/" && url.search === "?a.b=1");
    await page.goto(new URL("/zh/", page.url()).href);
    await page.waitForURL((url) => url.pathname === "/");
  });

  test.each(openings)("is accessible and fits: %s, opened on a %s", async (language, screen) => {
    for (const path of ["", "lesson/"]) {
      const { page } = await visit(language === "zh" ? `zh/${path}` : path, { language, screen });
      await expectPresentable(page, language);
    }
  });

  test("is isolated where the headers ask for it, and not elsewhere", async () => {
    const isIsolated = () => crossOriginIsolated;
    expect(await (await visit("lesson/")).page.evaluate(isIsolated)).toBe(true);
    expect(await (await visit("lesson/", { isIsolated: false })).page.evaluate(isIsolated)).toBe(false);
  });

  test("may not make scripts from text", async () => {
    const { page } = await visit("lesson/");
    const policies = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
    expect(policies).toContain("default-src 'none'");
    expect(policies).not.toContain("'unsafe-eval'");
    expect(policies).not.toMatch(/script-src[^;]*'unsafe-inline'/);
  });
});
