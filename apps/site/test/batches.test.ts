import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeSite, expectPresentable, expectSmall, openings, type Reader, visit } from "./visit";

const names = {
  en: { run: "Run", step: "Step", seed: "Other batches", batch: "Batch" },
  zh: { run: "运行", step: "走一步", seed: "换一批批次", batch: "批大小" },
};
const addresses = { en: "lesson/batches", zh: "zh/lesson/batches" };

/** The numbers of the first figure: step, frequency, phase, loss, spread of the slopes, passes. */
async function read(page: Page): Promise<number[]> {
  const values = await page
    .locator("figure.figure")
    .first()
    .locator(".readings data")
    .evaluateAll((all) => all.map((one) => one.getAttribute("value")));
  return values.map(Number);
}

/** Expects that two pages come to show the same numbers: the last of them are computed after the others. */
const expectSame = (one: Page, other: Page) =>
  expect
    .poll(async () => {
      const [numbers, others] = await Promise.all([read(one), read(other)]);
      return numbers.join() === others.join();
    })
    .toBe(true);

/** Opens the chapter, and waits for the first numbers. */
async function open(language: "en" | "zh", query = "", reader: Reader = {}) {
  const opened = await visit(`${addresses[language]}${query}`, { ...reader, language });
  const figures = opened.page.locator("figure.figure");
  await figures.first().scrollIntoViewIfNeeded();
  await opened.page.locator(".readings data").nth(5).waitFor();
  const button = (name: keyof (typeof names)["en"], figure = 0) =>
    figures.nth(figure).getByRole("button", { name: names[language][name], exact: true });
  return { ...opened, button, figures };
}

/** Waits for the cell of a batch and a rate, and returns its share. */
async function share(page: Page, batch: number, rate: number): Promise<number> {
  const row = [1, 2, 4, 8, 16, 32, 64].indexOf(batch);
  const column = [0.05, 0.1, 0.2, 0.4, 0.8].indexOf(rate);
  const cell = page.locator(".ends tbody tr").nth(row).locator("td").nth(column).locator("data");
  return Number(await cell.getAttribute("value"));
}

describeSite("chapter 5", () => {
  test.each(["en", "zh"] as const)("noise leaves a shallow valley, all data do not: %s", async (language) => {
    const { page } = await open(language, "?batch.step=320");
    const noisy = await read(page);
    expect(noisy[1]).toBeCloseTo(2.2, 0);
    expect(noisy[3]).toBeLessThan(0.15);
    expect(noisy[5]).toBe(5);
    const all = await open(language, "?batch.step=320&batch.batch=64");
    const calm = await read(all.page);
    expect(calm[1]).toBeGreaterThan(4);
    expect(calm[3]).toBeGreaterThan(0.6);
    expect(calm[5]).toBe(320);
  });

  test("the cloud of slopes halves with four times as many examples, and is a point with all", async () => {
    const spread = async (batch: number) => {
      const { page } = await open("en", `?batch.step=0&batch.batch=${batch}`);
      return (await read(page))[4]!;
    };
    const [one, four, all] = [await spread(1), await spread(4), await spread(64)];
    expect(one / four).toBeGreaterThan(1.6);
    expect(one / four).toBeLessThan(2.5);
    expect(all).toBeLessThan(1e-5);
  });

  test("two hundred walkers: the share in the deepest valley, by batch and rate", async () => {
    const { page, figures } = await open("en");
    await figures.nth(1).scrollIntoViewIfNeeded();
    expect(await share(page, 2, 0.4)).toBeGreaterThan(0.5);
    expect(await page.locator(".terrain .deep").count()).toBeGreaterThan(100);
    expect(await share(page, 1, 0.05)).toBeLessThan(0.05);
    expect(await share(page, 1, 0.2)).toBeGreaterThan(await share(page, 2, 0.2));
    // The cell that is chosen comes before all others.
    const cell = page.getByRole("button", { name: /batches of 64 and the rate 0.4/ });
    await cell.focus();
    await page.keyboard.press("Enter");
    expect(await share(page, 64, 0.4)).toBe(0);
    await expect.poll(() => page.locator(".terrain .deep").count()).toBe(0);
    await page.waitForURL((url) => url.searchParams.get("ends.batch") === "64");
    // The same batches lead all of them to the same place.
    const marks = await page
      .locator(".terrain .elsewhere")
      .evaluateAll((all) => all.map((one) => one.getAttribute("transform")));
    expect(marks).toHaveLength(200);
    expect(new Set(marks.map((mark) => mark!.replace(/(\.\d)\d*/g, "$1"))).size).toBe(1);
  });

  test("keeps its state in the address, seeds included, and restores it exactly", async () => {
    const { page, button } = await open("en");
    const before = await read(page);
    await button("seed").click();
    await page.getByRole("slider", { name: "Batch" }).press("ArrowRight");
    await page.getByRole("slider", { name: "Start of the walk" }).first().press("ArrowLeft");
    await button("step").click();
    await button("step").click();
    await page.waitForURL((url) => url.searchParams.get("batch.step") === "2");
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      "batch.seed": "2",
      "batch.batch": "2",
      "batch.start": expect.stringMatching(/^4\.[78]\d*~-1\.5/),
      "batch.step": "2",
    });
    await expect.poll(async () => (await read(page))[0]).toBe(2);
    await page.waitForTimeout(500);
    const shown = await read(page);
    expect(shown).not.toEqual(before);
    const again = await open("en", new URL(page.url()).search);
    await expectSame(page, again.page);
  });

  test("is the same without isolation, and works by keyboard alone", async () => {
    const first = await open("en", "?batch.step=1");
    const { page, button } = await open("en", "?batch.step=0", { isIsolated: false });
    await button("step").focus();
    await page.keyboard.press("Space");
    await expectSame(page, first.page);
  });

  test("jumps instead of running for those who want less motion", async () => {
    const { page, button } = await open("zh", "?batch.step=0", { isStill: true });
    await button("run").click();
    expect((await read(page))[0]).toBe(320);
  });

  test.each(openings)("is accessible, fits and is small: %s, opened on a %s", async (language, screen) => {
    const opened = await open(language, "?batch.step=200", { screen });
    await expectSmall(opened);
    await opened.figures.nth(1).scrollIntoViewIfNeeded();
    await share(opened.page, 2, 0.4);
    await expectPresentable(opened.page, language, "batches");
  });
});
