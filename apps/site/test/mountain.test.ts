import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeSite, expectPresentable, expectSmall, openings, type Reader, visit } from "./visit";

interface Epoch {
  readonly loss: number;
  readonly gradW: number;
  readonly gradB: number;
  readonly w: number;
  readonly b: number;
}

/** PyTorch's numbers of the demo. The loss and the gradients of an epoch are from before its step, w and b from after it. */
const golden: { readonly trace: readonly Epoch[] } = JSON.parse(
  readFileSync(
    new URL("../../linear-regression/test/fixtures/linear-regression.json", import.meta.url),
    "utf8",
  ),
);

const names = {
  en: {
    run: "Run",
    step: "Step",
    back: "Step back",
    reset: "Reset",
    rate: "Learning rate",
    start: "Start of the walk",
  },
  zh: { run: "运行", step: "走一步", back: "退一步", reset: "重来", rate: "学习率", start: "起点" },
};

const addresses = { en: "lesson/mountain", zh: "zh/lesson/mountain" };

/** The numbers that the figure shows: step, w, b, loss, slope along w, slope along b. */
async function read(page: Page): Promise<number[]> {
  const values = await page
    .locator(".readings data")
    .evaluateAll((all) => all.map((one) => one.getAttribute("value")));
  return values.map(Number);
}

/** Opens the chapter, and waits for the first numbers. */
async function open(language: "en" | "zh", query = "", reader: Reader = {}) {
  const opened = await visit(`${addresses[language]}${query}`, { ...reader, language });
  await opened.page.locator("figure.figure").scrollIntoViewIfNeeded();
  await opened.page.locator(".readings data").nth(5).waitFor();
  const button = (name: keyof (typeof names)["en"]) =>
    opened.page.getByRole("button", { name: names[language][name], exact: true });
  return { ...opened, button };
}

function expectClose(found: number, expected: number, name: string): void {
  expect(Math.abs(found - expected) / Math.max(1e-9, Math.abs(expected)), name).toBeLessThan(1e-6);
}

describeSite("chapter 1", () => {
  test.each(["en", "zh"] as const)("walks as PyTorch does, to the digit: %s", async (language) => {
    const { page, button } = await open(language);
    let [w, b] = [0, 0];
    for (const [i, epoch] of golden.trace.entries()) {
      const [step, ...found] = await read(page);
      expect(step).toBe(i);
      [w, b, epoch.loss, epoch.gradW, epoch.gradB].forEach((value, k) => {
        expectClose(found[k]!, value, `${i}, ${k}`);
      });
      ({ w, b } = epoch);
      await button("step").click();
    }
    expect(await page.locator(".readings").textContent()).toContain("2.038");
    await button("back").click();
    expect((await read(page))[0]).toBe(19);
    await button("reset").click();
    expect((await read(page)).slice(0, 4)).toEqual([0, 0, 0, 41]);
  });

  test.each(["en", "zh"] as const)("says that a walk diverges: %s", async (language) => {
    const { page, button } = await open(language, "?descent.rate=0.13", { isStill: true });
    expect(await page.getByRole("alert").count()).toBe(0);
    await button("run").click();
    await page.getByRole("alert").waitFor();
    const [step, , , loss] = await read(page);
    expect(loss).toBeGreaterThan(41e4);
    expect(await page.getByRole("alert").textContent()).toContain(String(step));
    expect(await button("run").getAttribute("aria-disabled")).toBe("true");
  });

  test("runs, pauses, and keeps its state in the address", async () => {
    const { page, button } = await open("en");
    await button("run").click();
    await page.waitForFunction(
      () => Number(document.querySelector(".readings data")?.getAttribute("value")) > 5,
    );
    await page.getByRole("button", { name: "Pause" }).click();
    const paused = await read(page);
    await page.getByRole("slider", { name: names.en.rate }).press("ArrowRight");
    await page.getByRole("slider", { name: "Data point 2" }).press("Shift+ArrowUp");
    await page.getByRole("slider", { name: names.en.start }).press("ArrowRight");
    await button("step").click();
    await page.getByText("Relief").click();
    await page.waitForURL((url) => url.searchParams.get("descent.view") === "relief");
    const state = new URL(page.url()).searchParams;
    expect(Object.fromEntries(state)).toEqual({
      "descent.points": "1~3_2~6_3~7_4~9",
      "descent.start": "0.1~0",
      "descent.rate": "0.011",
      "descent.step": "1",
      "descent.view": "relief",
    });
    const shown = await read(page);
    expect(shown).not.toEqual(paused);
    const again = await open("en", new URL(page.url()).search);
    await expect.poll(() => read(again.page)).toEqual(shown);
    expect(await again.page.getByRole("slider", { name: /Relief/ }).count()).toBe(1);
  });

  test("takes the place that is clicked as its start, and points that are dragged as data", async () => {
    const { page, button } = await open("en", "?descent.step=7");
    const map = page.getByRole("group", { name: /^Map/ });
    await map.scrollIntoViewIfNeeded();
    const box = (await map.boundingBox())!;
    await page.mouse.click(box.x + box.width * 0.5, box.y + box.height * 0.3);
    await expect.poll(async () => (await read(page))[1]).toBeGreaterThan(1.5);
    const [step, , b] = await read(page);
    expect(step).toBe(0);
    expect(b).toBeGreaterThan(2);
    const point = (await page.getByRole("slider", { name: "Data point 4" }).boundingBox())!;
    const before = (await read(page))[3];
    await page.mouse.move(point.x + point.width / 2, point.y + point.height / 2);
    await page.mouse.down();
    await page.mouse.move(point.x, point.y + 60, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => (await read(page))[3]).not.toBe(before);
    await button("step").click();
    expect((await read(page))[0]).toBe(1);
  });

  test("draws the arrow at a right angle to the contour", async () => {
    const { page } = await open("en", "?descent.start=0.5~2.5");
    const [, w, b, , slopeW, slopeB] = await read(page);
    const turned = await page.locator(".map g[transform^=rotate]").getAttribute("transform");
    const angle = (Number(/\(([^)]+)\)/.exec(turned!)![1]) * Math.PI) / 180;
    // The contour through the walker, as it is drawn: its direction next to the walker.
    const [walkerX, walkerY] = await page
      .locator(".walker")
      .evaluate((circle) => [Number(circle.getAttribute("cx")), Number(circle.getAttribute("cy"))]);
    const own = page.locator(".own");
    await expect.poll(() => own.getAttribute("d")).toBeTruthy();
    const numbers = [...(await own.getAttribute("d"))!.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)];
    const near = numbers
      .map(([, x, y]) => [Number(x), Number(y)] as const)
      .map((place) => ({ place, far: Math.hypot(place[0] - walkerX!, place[1] - walkerY!) }))
      .sort((one, other) => one.far - other.far);
    expect(near[0]!.far, `${w}, ${b}`).toBeLessThan(7);
    const far = near.find(
      ({ place }) => Math.hypot(place[0] - near[0]!.place[0], place[1] - near[0]!.place[1]) > 8,
    )!;
    const contour = Math.atan2(far.place[1] - near[0]!.place[1], far.place[0] - near[0]!.place[0]);
    expect(Math.abs(Math.cos(contour - angle))).toBeLessThan(0.06);
    expect(angle).toBeCloseTo(Math.atan2(slopeB!, -slopeW!), 6);
  });

  test("is the same without isolation", async () => {
    const { page } = await open("en", "?descent.step=19", { isIsolated: false });
    const [, w, b, loss] = await read(page);
    expectClose(w!, golden.trace[18]!.w, "w");
    expectClose(b!, golden.trace[18]!.b, "b");
    expectClose(loss!, golden.trace[19]!.loss, "loss");
  });

  test("works by keyboard alone", async () => {
    const { page } = await open("en");
    await page.getByRole("button", { name: "Run", exact: true }).focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Space");
    await expect.poll(async () => (await read(page))[0]).toBe(2);
  });

  test("jumps instead of running for those who want less motion", async () => {
    const { page, button } = await open("en", "", { isStill: true });
    await button("run").click();
    expect((await read(page))[0]).toBe(200);
  });

  test("ignores an address that makes no sense", async () => {
    const { page } = await open("en", "?descent.step=-3&descent.rate=x&descent.points=1~2_3&descent.start=");
    expect((await read(page)).slice(0, 4)).toEqual([0, 0, 0, 41]);
  });

  test.each(openings)("is accessible, fits and is small: %s, opened on a %s", async (language, screen) => {
    const opened = await open(language, "", { screen });
    await expectSmall(opened);
    for (const view of ["map", "relief"]) {
      await opened.page.locator(`input[value=${view}]`).check({ force: true });
      await expectPresentable(opened.page, language, `mountain-${view}`);
    }
  });
});
