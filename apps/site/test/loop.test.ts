import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { Linear, manualSeed, mseLoss, SGD, tensor } from "thalweg";
import { expect, test } from "vitest";
import { describeSite, expectPresentable, expectSmall, openings, type Reader, visit } from "./visit";

const source = readFileSync(new URL("../src/figures/loop/example.ts", import.meta.url), "utf8");

const names = {
  en: { edit: "Edit", run: "Run", step: "Step", reset: "Reset", runProgram: "Run program", line: "line 9" },
  zh: { edit: "改程序", run: "运行", step: "走一步", reset: "重来", runProgram: "运行程序", line: "第 9 行" },
};

const addresses = { en: "lesson/loop", zh: "zh/lesson/loop" };

async function open(language: "en" | "zh", query = "", reader: Reader = {}) {
  const opened = await visit(`${addresses[language]}${query}`, { ...reader, language });
  const { page } = opened;
  await page.locator("figure.figure").scrollIntoViewIfNeeded();
  await page.locator(".curve").waitFor();
  const button = (name: keyof (typeof names)["en"]) =>
    page.getByRole("button", { name: names[language][name], exact: true });
  /** Replaces the program, and runs it. */
  async function runProgram(text: string): Promise<void> {
    if (await button("edit").count()) await button("edit").click();
    await page.locator(".cm-content").fill(text);
    await button("runProgram").click();
    await page.locator(".working").filter({ hasText: /^$/ }).waitFor({ state: "attached" });
  }
  return { ...opened, button, runProgram };
}

/** What a box of the cycle shows. */
function valuesOf(page: Page, phase: string): Promise<string[]> {
  return page.locator(`[data-phase=${phase}] .value`).allTextContents();
}

/** The lines of the program that are lit, counted from 1. */
function litLines(page: Page): Promise<number[]> {
  return page
    .locator(".program .line")
    .evaluateAll((lines) => lines.flatMap((line, i) => (line.classList.contains("is-lit") ? [i + 1] : [])));
}

/** The numbers of the first turn, computed here. */
function firstTurn() {
  manualSeed(0);
  const [x, y] = [tensor([[1], [2], [3], [4]]), tensor([[3], [5], [7], [9]])];
  const model = new Linear(1, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const predictions = model.forward(x);
  const loss = mseLoss(predictions, y);
  loss.backward();
  const gradients = [model.weight.grad!.item(), model.bias!.grad!.item()];
  optimizer.step();
  const shown = (value: number, digits = 3) => value.toFixed(digits).replace("-", "−");
  return {
    forward: [Array.from(predictions.dataSync(), (value) => shown(value)).join("  ")],
    loss: [shown(loss.item(), 4)],
    backward: [`∂ weight  ${shown(gradients[0]!)}`, `∂ bias  ${shown(gradients[1]!)}`],
    update: [`weight  ${shown(model.weight.item())}`, `bias  ${shown(model.bias!.item())}`],
  };
}

test("the program is the README's", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${source}\`\`\``);
});

describeSite("chapter 2", () => {
  test.each(["en", "zh"] as const)(
    "lights boxes and lines in turn, with the library's numbers: %s",
    async (language) => {
      const { page, button } = await open(language);
      const expected = firstTurn();
      for (const [phase, values] of Object.entries(expected))
        expect(await valuesOf(page, phase)).toEqual(values);
      await button("reset").click();
      expect(await valuesOf(page, "forward")).toEqual([]);
      const seen: (readonly [number | undefined, string | null])[] = [];
      for (let i = 0; i < 9; i++) {
        await button("step").click();
        const lit = page.locator(".box.is-lit");
        const phase = (await lit.count()) === 0 ? null : await lit.getAttribute("data-phase");
        seen.push([(await litLines(page))[0], phase]);
      }
      expect(seen).toEqual([
        [3, null],
        [4, null],
        [5, null],
        [7, null],
        [8, "forward"],
        [8, "loss"],
        [9, null],
        [10, "backward"],
        [11, "update"],
      ]);
    },
  );

  test.each(["en", "zh"] as const)("says what is wrong with a program, and where: %s", async (language) => {
    const { page, runProgram, button } = await open(language);
    const alert = page.locator(".problems");
    await runProgram(source.replace("optimizer.zeroGrad();", "optimizer.zeroGrad(;"));
    expect(await alert.textContent()).toContain(names[language].line);
    await runProgram(source.replace("optimizer.zeroGrad();", "optimizer.zeroGrade();"));
    expect(await alert.textContent()).toContain(names[language].line);
    expect(await alert.textContent()).toContain("'zeroGrade' does not exist");
    await runProgram(source.replace("optimizer.zeroGrad();", 'throw new RangeError("enough");'));
    expect(await alert.textContent()).toContain(names[language].line);
    expect(await alert.textContent()).toContain("RangeError: enough");
    expect(await page.locator(".cm-lit").textContent()).toContain("enough");
    await runProgram(source.replace("optimizer.zeroGrad();", "while (true) {}"));
    expect(await alert.textContent()).toMatch(/1 (s|秒)/);
    await runProgram(source);
    expect(await alert.count()).toBe(0);
    await button("step").click();
  });

  test("tells of shapes that do not fit, by the library's own words", async () => {
    const { page, runProgram } = await open("en");
    await runProgram(source.replace("Linear(1, 1)", "Linear(3, 1)"));
    expect(await page.locator(".problems").textContent()).toMatch(/line 8.*ShapeError/);
  });

  test("shows what a program prints, and keeps the program and the place in the address", async () => {
    const { page, runProgram, button } = await open("en");
    await runProgram(source.replace("optimizer.step();", "optimizer.step();\n  console.log(loss.item());"));
    const printed = await page.locator(".output pre").textContent();
    expect(printed!.split("\n")).toHaveLength(20);
    await button("step").click();
    await page.waitForURL((url) => url.searchParams.has("loop.at"));
    const update = await valuesOf(page, "update");
    const again = await open("en", new URL(page.url()).search);
    await again.page.locator(".output pre").waitFor();
    expect(await again.page.locator(".cm-content").textContent()).toContain("console.log");
    expect(await again.page.locator(".output pre").textContent()).toBe(printed);
    expect(await valuesOf(again.page, "update")).toEqual(update);
    await again.page.getByRole("button", { name: "Original" }).click();
    await expect.poll(() => valuesOf(again.page, "forward")).toEqual([]);
    await again.page.waitForURL((url) => !url.searchParams.has("loop.program"));
  });

  test("runs a program of other layers, by keyboard and without isolation", async () => {
    const { page, button } = await open("en", "", { isIsolated: false });
    await button("edit").focus();
    await page.keyboard.press("Enter");
    await page
      .locator(".cm-content")
      .fill(
        source
          .replace("Linear, ", "Linear, Sequential, Tanh, ")
          .replace("new Linear(1, 1)", "new Sequential(new Linear(1, 3), new Tanh(), new Linear(3, 1))"),
      );
    await page.locator(".cm-content").press("Control+Enter");
    await page.locator(".value", { hasText: "0.weight" }).first().waitFor();
    expect(await page.locator(".problems").count()).toBe(0);
  });

  test("does not load the editor and the compiler before they are wanted", async () => {
    const { fetched } = await open("en");
    const paths = (await fetched()).map(({ path }) => path).join();
    expect(paths).not.toMatch(/CodeEditor|compiler\.worker/);
  });

  test("jumps instead of running for those who want less motion", async () => {
    const { page, button } = await open("en", "", { isStill: true });
    await button("run").click();
    expect(await page.locator(".turn").textContent()).toBe("Turn 20");
  });

  test.each(openings)("is accessible, fits and is small: %s, opened on a %s", async (language, screen) => {
    const opened = await open(language, "", { screen });
    await expectSmall(opened);
    await expectPresentable(opened.page, language, "loop");
    await opened.runProgram(source.replace("zeroGrad", "zeroGrade"));
    await expectPresentable(opened.page, language, "loop-editor");
  });
});
