import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { program } from "../src/figures/blame/program";
import { describeSite, expectPresentable, expectSmall, openings, type Reader, visit } from "./visit";

const names = {
  en: { step: "Step", back: "Step back", run: "Run", reset: "Reset", check: "Check numerically" },
  zh: { step: "走一步", back: "退一步", run: "运行", reset: "重来", check: "用数值检验" },
};

const addresses = { en: "lesson/blame", zh: "zh/lesson/blame" };

async function open(language: "en" | "zh", query = "", reader: Reader = {}) {
  const opened = await visit(`${addresses[language]}${query}`, { ...reader, language });
  const { page } = opened;
  /** A figure of the page, once it is drawn. */
  async function figure(i: number) {
    const one = page.locator("figure.figure").nth(i);
    await one.scrollIntoViewIfNeeded();
    await one.locator(".box").first().waitFor();
    return {
      button: (name: keyof (typeof names)["en"]) =>
        one.getByRole("button", { name: names[language][name], exact: true }),
      /** What the boxes show: name, value, gradient. */
      boxes: async () =>
        (await one.locator(".box").all()).length === 0
          ? []
          : one
              .locator(".box")
              .evaluateAll((all) =>
                all.map((box) => [...box.querySelectorAll("text")].map((line) => line.textContent!.trim())),
              ),
      said: () => one.locator(".said").textContent(),
      table: one.locator("table"),
      cost: one.locator(".cost"),
      labels: () => one.locator(".label text").allTextContents(),
    };
  }
  return { ...opened, figure };
}

/** The figure of the sum, after each of its steps backward. */
const gradients = [
  { w: "", x: "", y: "", c: "", loss: "1" },
  { w: "", x: "", y: "", c: "10", loss: "1" },
  { w: "", x: "", y: "", c: "10", loss: "1" },
  { w: "30 + …", x: "", y: "10", c: "10", loss: "1" },
  { w: "20 + 30 = 50", x: "10", y: "10", c: "10", loss: "1" },
];

function expectNear(found: number, expected: number): void {
  expect(Math.abs(found - expected)).toBeLessThan(1e-2);
}

async function numbersOf(page: Page, figure: number): Promise<number[]> {
  const values = await page
    .locator("figure.figure")
    .nth(figure)
    .locator("table data")
    .evaluateAll((all) => all.map((one) => one.getAttribute("value")));
  return values.map(Number);
}

describeSite("chapter 3", () => {
  test.each(["en", "zh"] as const)(
    "fills in values forward and gradients backward, and adds where paths meet: %s",
    async (language) => {
      const { figure } = await open(language, "?sum.step=0");
      const { button, boxes, labels } = await figure(0);
      expect((await boxes()).map(([, value]) => value)).toEqual(["1", "2", "·", "3", "·", "·", "·"]);
      for (let i = 0; i < 4; i++) await button("step").click();
      expect((await boxes()).map(([, value]) => value)).toEqual(["1", "2", "2", "3", "3", "5", "25"]);
      expect(await labels()).toEqual(["×2", "×1", "×3", "×1", "×1", "×1", "×10"]);
      for (const expected of gradients) {
        await button("step").click();
        const [w, x, , y, , c, loss] = (await boxes()).map(([, , gradient]) => gradient);
        expect({ w, x, y, c, loss }).toEqual(expected);
      }
      expect(await button("step").getAttribute("aria-disabled")).toBe("true");
      await button("back").click();
      expect((await boxes())[0]![2]).toBe("30 + …");
    },
  );

  test.each(["en", "zh"] as const)(
    "compares with differences, and tells what they would cost: %s",
    async (language) => {
      const { page, figure } = await open(language);
      const { button, table, cost } = await figure(1);
      await button("check").click();
      await table.waitFor();
      const expected = program.compare("network", [1, 0.5, -1, 1.5, 0.5, 1]);
      const found = await numbersOf(page, 1);
      expect(found).toHaveLength(2 * expected.length);
      expected.forEach(({ gradient, difference }, i) => {
        expect(found[2 * i]).toBeCloseTo(gradient, 10);
        expect(found[2 * i + 1]).toBeCloseTo(difference, 10);
        expectNear(gradient, difference);
      });
      await cost.filter({ hasText: "1,001,000" }).waitFor();
    },
  );

  test("records anew when a number changes, and keeps its state in the address", async () => {
    const { page, figure } = await open("en", "?sum.step=9");
    const sum = await figure(0);
    await page.locator("figure.figure").first().getByLabel("x", { exact: true }).fill("-1.5");
    await expect.poll(async () => (await sum.boxes())[0]![2]).toBe("−4.5 + 9 = 4.5");
    const network = await figure(1);
    await network.button("reset").click();
    await network.button("step").click();
    await page.waitForURL((url) => url.searchParams.get("network.step") === "1");
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      "sum.step": "9",
      "sum.values": "1_-1.5_3",
      "network.step": "1",
    });
    const again = await open("en", new URL(page.url()).search);
    const restored = await again.figure(0);
    await expect.poll(() => restored.boxes()).toEqual(await sum.boxes());
    expect(await (await again.figure(1)).boxes()).toEqual(await network.boxes());
  });

  test("is right for the network, by keyboard, with less motion, and without isolation", async () => {
    const { page, figure } = await open("en", "", { isStill: true, isIsolated: false });
    const { button, boxes, said } = await figure(1);
    await button("run").focus();
    await page.keyboard.press("Enter");
    const { boxes: expected } = program.trace("network", [1, 0.5, -1, 1.5, 0.5, 1]);
    const found = await boxes();
    expect(found).toHaveLength(expected.length);
    expected.forEach(({ gradient, value }, i) => {
      const [, shownValue, shownGradient] = found[i]!;
      const numberOf = (text: string) => Number(text.split("= ").at(-1)!.replace("−", "-"));
      expectNear(numberOf(shownValue!), value);
      expectNear(numberOf(shownGradient!), gradient);
    });
    expect(await said()).toContain("Backward");
  });

  test.each(openings)("is accessible, fits and is small: %s, opened on a %s", async (language, screen) => {
    const opened = await open(language, "?sum.step=9&network.step=19", { screen });
    const first = await opened.figure(0);
    await opened.figure(1);
    await expectSmall(opened);
    await first.button("check").click();
    await first.cost.filter({ hasText: "1,001,000" }).waitFor();
    await expectPresentable(opened.page, language, "blame");
  });
});
