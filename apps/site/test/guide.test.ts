import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeSite, expectFits, expectPresentable, openings, visit } from "./visit";

const guides = (folder: string) =>
  readdirSync(fileURLToPath(new URL(`../pages/${folder}`, import.meta.url))).sort();

/** What the search finds first: the words of its title. */
async function search(page: Page, text: string) {
  await page.keyboard.press("Control+k");
  await page.locator(".VPLocalSearchBox input").fill(text);
  return page.locator(".VPLocalSearchBox .result").first();
}

test("every guide is there in both languages", () => {
  expect(guides("zh/guide")).toEqual(guides("guide"));
});

describeSite("the guides and the reference", () => {
  test.each(openings)("are accessible and fit: %s, opened on a %s", async (language, screen) => {
    const prefix = language === "zh" ? "zh/" : "";
    const pages = [
      "guide/",
      "guide/from-pytorch",
      "guide/from-tensorflow-js",
      "guide/distributed",
      "guide/errors",
      "guide/numerics",
    ];
    // It is in English only.
    const reference = ["api/", "api/optim/", "api/nn/classes/Module", "api/losses/functions/crossEntropy"];
    for (const path of language === "en" ? [...pages, ...reference] : pages) {
      const { page } = await visit(prefix + path, { language, screen });
      await expectPresentable(page, language);
    }
  });

  test.each([
    ["en", "guide/", "crossEntropy", "crossEntropy()"],
    ["zh", "zh/guide/", "crossEntropy", "crossEntropy()"],
    ["en", "guide/", "retainGrad", "Tensor Methods retainGrad()"],
    ["en", "lesson/", "early stopping", "@thalweg/train"],
    ["zh", "zh/lesson/", "继续训练", "保存 继续训练"],
  ] as const)("are searched: %s, from /%s, for %s", async (language, path, text, title) => {
    const { page } = await visit(path, { language });
    const first = await search(page, text);
    await expect
      .poll(async () => (await first.textContent())!.replace(/[#\s]+/g, ""))
      .toBe(title.replace(/\s/g, ""));
    await first.click();
    await page.waitForURL((url) => !url.pathname.endsWith(path));
    await page
      .getByRole("heading", { name: title.split(" ").at(-1)!, exact: false })
      .first()
      .waitFor();
  });

  test("leave no page of the reference out of the search for a Chinese reader, and show none in English instead", async () => {
    const { page } = await visit("zh/guide/", { language: "zh" });
    const first = await search(page, "tensors");
    await first.waitFor();
    const links = await page
      .locator(".VPLocalSearchBox .result")
      .evaluateAll((all) => all.map((each) => (each as HTMLAnchorElement).pathname));
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !/^\/(zh|api)\//.test(link))).toEqual([]);
  });
});

describeSite("the table of PyTorch's names", () => {
  test("is searched in either spelling, and leads to the reference", async () => {
    const { page } = await visit("guide/from-pytorch", { screen: "phone" });
    const rows = page.locator("tbody tr").filter({ has: page.locator(".status") });
    const box = page.getByLabel("Search names");
    for (const text of ["log_softmax", "logSoftmax"]) {
      await box.fill(text);
      await expect.poll(() => page.getByRole("status").textContent()).toBe("6 names");
    }
    await page.getByLabel("Area").selectOption("Tensor");
    await expect
      .poll(() => rows.allTextContents())
      .toEqual([expect.stringMatching(/Tensor\.log_softmax\s*has\s*Tensor\.logSoftmax/)]);
    await rows.getByRole("link").click();
    await page.waitForURL("**/api/tensor/classes/Tensor#logsoftmax");
    await page.getByRole("heading", { name: "logSoftmax()" }).waitFor();
  });

  test("shows some at first, and what is wanted of the rest", async () => {
    const { page } = await visit("zh/guide/from-pytorch", { language: "zh" });
    const rows = page.locator("tbody tr").filter({ has: page.locator(".status") });
    expect(await rows.count()).toBe(100);
    await page.getByRole("button", { name: "再显示 100 个" }).click();
    expect(await rows.count()).toBe(200);
    await page.getByRole("checkbox", { name: /没有/ }).uncheck();
    await page.getByRole("checkbox", { name: /^\s*有 / }).uncheck();
    expect(new Set(await rows.locator(".status").allTextContents())).toEqual(new Set(["有差异"]));
  });

  test("scrolls inside itself on a phone, with the keyboard, too", async () => {
    const { page } = await visit("guide/from-pytorch", { screen: "phone" });
    const table = page.getByRole("region", { name: "PyTorch's public names, and ours" });
    await table.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => table.evaluate((box) => box.scrollLeft)).toBeGreaterThan(0);
    await expectFits(page);
  });
});
