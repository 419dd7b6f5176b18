import type { Page } from "playwright-core";
import { hessian, SGD, type Tensor, tensor } from "thalweg";
import { expect, test } from "vitest";
import { describeSite, expectPresentable, expectSmall, openings, type Reader, visit } from "./visit";

const names = {
  en: {
    run: "Run",
    step: "Step",
    reset: "Reset",
    rate: "Learning rate",
    ravine: "Ravine",
    diverged: "Diverged",
  },
  zh: { run: "运行", step: "走一步", reset: "重来", rate: "学习率", ravine: "山沟", diverged: "发散了" },
};
const addresses = { en: "lesson/rate", zh: "zh/lesson/rate" };

/** The numbers that a figure shows. */
async function read(page: Page, figure: number): Promise<number[]> {
  const values = await page
    .locator("figure.figure")
    .nth(figure)
    .locator(".readings data")
    .evaluateAll((all) => all.map((one) => one.getAttribute("value")));
  return values.map(Number);
}

/** Opens the chapter, and waits for the first numbers of both figures. */
async function open(language: "en" | "zh", query = "", reader: Reader = {}) {
  const opened = await visit(`${addresses[language]}${query}`, { ...reader, language });
  const figures = opened.page.locator("figure.figure");
  for (const [i, count] of [6, 4].entries()) {
    await figures.nth(i).scrollIntoViewIfNeeded();
    await figures
      .nth(i)
      .locator(".readings data")
      .nth(count - 1)
      .waitFor();
  }
  await figures.first().scrollIntoViewIfNeeded();
  const button = (name: keyof (typeof names)["en"], figure = 0) =>
    figures.nth(figure).getByRole("button", { name: names[language][name], exact: true });
  return { ...opened, button, figures };
}

/** The limit that the mark of the slider names. */
async function markedLimit(page: Page): Promise<number> {
  return Number(/= ([\d.]+)/.exec((await page.locator(".mark").textContent())!)![1]);
}

const ravine = ([x, y]: [Tensor, Tensor]) => x.square().add(y.square().mul(20)).mul(0.5);

describeSite("chapter 4", () => {
  test("marks 2/λmax, as the closed form of each quadratic has it", async () => {
    // The Hessian of the mean of (w·x + b - y)² over x = 1, 2, 3, 4 is [[15, 5], [5, 2]].
    const steepest = { bowl: 1, ravine: 20, line: (17 + Math.sqrt(17 ** 2 - 4 * 5)) / 2 };
    for (const [ground, curvature] of Object.entries(steepest)) {
      const { page } = await open("en", `?rate.ground=${ground}`);
      expect(await markedLimit(page)).toBeCloseTo(2 / curvature, 4);
      expect((await read(page, 0))[4]).toBeCloseTo(curvature, 4);
    }
  });

  test.each(["en", "zh"] as const)("walks as the library does: %s", async (language) => {
    const { page, button } = await open(language, "?rate.step=0");
    const place = tensor([-2.4, 1.8], { requiresGrad: true });
    const optimizer = new SGD([place], { lr: 0.09 });
    for (let i = 0; i < 12; i++) {
      const loss = ravine(place.unbind(0) as [Tensor, Tensor]);
      const [step, x, y, shown] = await read(page, 0);
      expect([step, x, y, shown]).toEqual([i, ...place.dataSync(), loss.item()]);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      await button("step").click();
    }
    // Just below the limit, each step goes to the other side and comes closer.
    const second = hessian((at) => ravine(at.unbind(0) as [Tensor, Tensor]), tensor([0, 0]));
    expect(second.toArray()).toEqual([
      [1, 0],
      [0, 20],
    ]);
  });

  test.each(["en", "zh"] as const)(
    "says that it diverges, and where the walker went: %s",
    async (language) => {
      const below = await open(language, "?rate.rate=0.098&rate.step=100");
      expect((await read(below.page, 0))[3]).toBeLessThan(4);
      expect(await below.page.locator(".alarm").count()).toBe(0);
      const { page } = await open(language, "?rate.rate=0.11&rate.step=100");
      const [step, , , loss] = await read(page, 0);
      expect(step).toBeGreaterThan(10);
      expect(step).toBeLessThan(100);
      expect(loss).toBeGreaterThan(1e4);
      expect(await page.locator(".alarm").textContent()).toContain(names[language].diverged);
      const away = await page.locator(".away").textContent();
      expect(Number(/\d+/.exec(away!)![0])).toBeGreaterThan(100);
      expect(await page.locator(".exit").count()).toBe(1);
    },
  );

  test("draws the rates of the schedule that the library had, and applies them", async () => {
    const { page, figures } = await open("en");
    const select = figures.nth(1).getByRole("combobox");
    for (const [name, rate] of [
      ["cosine", 0.08 * Math.cos(Math.PI / 4) ** 2],
      ["step", 0.08 * 0.3 ** 2],
      // It has risen for 0.3 of the 201 steps, and falls along half a cosine since then.
      ["oneCycle", 0.04 * (1 + Math.cos((Math.PI * (100 - 59.3)) / 140.7))],
      ["constant", 0.08],
    ] as const) {
      await select.selectOption(name);
      const shown = async () => (await read(page, 1))[1];
      await page.goto(`${page.url().split("?")[0]}?schedule.schedule=${name}&schedule.step=100`);
      await figures.nth(1).scrollIntoViewIfNeeded();
      await expect.poll(shown).toBeCloseTo(rate, 3);
    }
    const noisy = await open("en");
    const [, , scheduled, constant] = await read(noisy.page, 1);
    expect(scheduled! * 5).toBeLessThan(constant!);
    const exact = await open("en", "?schedule.noise=0");
    const [, , slower, faster] = await read(exact.page, 1);
    expect(faster!).toBeLessThan(slower!);
  });

  test("keeps its state in the address, seeds included, and restores it exactly", async () => {
    const { page, figures } = await open("en", "?rate.step=0");
    await figures.first().getByLabel("Line of chapter 1").check({ force: true });
    await page.getByRole("slider", { name: "Learning rate" }).press("ArrowRight");
    await page.getByRole("button", { name: "Step", exact: true }).first().click();
    await page.getByRole("slider", { name: "Start of the walk" }).first().press("ArrowUp");
    await page.getByRole("button", { name: "Step", exact: true }).first().click();
    await page.getByRole("button", { name: "Other errors" }).click();
    await figures.nth(1).getByRole("combobox").selectOption("plateau");
    await page.waitForURL((url) => url.searchParams.has("schedule.schedule"));
    const { searchParams } = new URL(page.url());
    expect(Object.fromEntries(searchParams)).toEqual({
      "rate.ground": "line",
      "rate.start": "0~0.1",
      "rate.rate": expect.stringMatching(/^0\.09\d$/),
      "rate.step": "1",
      "schedule.seed": "2",
      "schedule.schedule": "plateau",
    });
    await expect.poll(async () => (await read(page, 0))[0]).toBe(1);
    const again = await open("en", new URL(page.url()).search);
    const shown = [await read(page, 0), await read(page, 1)];
    await expect.poll(async () => [await read(again.page, 0), await read(again.page, 1)]).toEqual(shown);
  });

  test("works by keyboard alone, and is the same without isolation", async () => {
    const { page, button } = await open("en", "?rate.step=0", { isIsolated: false });
    const [, x] = await read(page, 0);
    await page.getByRole("slider", { name: "Start of the walk" }).first().focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(async () => (await read(page, 0))[1]).toBeGreaterThan(x!);
    await button("step").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Space");
    await expect.poll(async () => (await read(page, 0))[0]).toBe(2);
    await page.getByRole("slider", { name: "Learning rate" }).focus();
    await page.keyboard.press("End");
    await page.locator(".alarm").waitFor();
  });

  test("jumps instead of running for those who want less motion", async () => {
    const { page, button } = await open("en", "?rate.step=0", { isStill: true });
    await button("run").click();
    expect((await read(page, 0))[0]).toBe(100);
  });

  test("ignores an address that makes no sense", async () => {
    const { page } = await open("en", "?rate.rate=-1&rate.ground=moon&rate.start=x&schedule.schedule=never");
    expect((await read(page, 0))[0]).toBe(30);
    expect(await markedLimit(page)).toBe(0.1);
  });

  test.each(openings)("is accessible, fits and is small: %s, opened on a %s", async (language, screen) => {
    const opened = await open(language, "", { screen });
    await expectSmall(opened);
    await expectPresentable(opened.page, language, "rate");
    const { page } = await open(language, "?rate.rate=0.11&rate.step=60", { screen });
    await expectPresentable(page, language, "rate-diverged");
  });
});
