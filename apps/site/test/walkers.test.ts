import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { makers } from "../src/race/makers";
import { type BuiltInName, racerNames } from "../src/race/racers";
import { run } from "../src/race/run";
import { describeSite, expectPresentable, expectSmall, openings, type Reader, visit } from "./visit";

interface Walk {
  readonly name: string;
  readonly options: { readonly lr: number; readonly momentum?: number };
  readonly steps: readonly { readonly loss: number; readonly place: readonly [number, number] }[];
}

/** PyTorch's walks on the ravine. */
const golden: { readonly start: [number, number]; readonly cases: readonly Walk[] } = JSON.parse(
  readFileSync(new URL("../../../tooling/oracle/fixtures/walks.json", import.meta.url), "utf8"),
);
const walkOf = { sgd: golden.cases[0]!, momentum: golden.cases[1]!, adam: golden.cases[2]! };

const example = readFileSync(new URL("../src/race/plugin-example.ts", import.meta.url), "utf8");

const names = {
  en: {
    run: "Run",
    step: "Step",
    reset: "Reset",
    all: "All",
    edit: "Write your own",
    enter: "Race it",
    line: (line: number) => `line ${line}`,
  },
  zh: {
    run: "运行",
    step: "走一步",
    reset: "重来",
    all: "全部",
    edit: "自己写一个",
    enter: "让它参赛",
    line: (line: number) => `第 ${line} 行`,
  },
};
const addresses = { en: "lesson/walkers", zh: "zh/lesson/walkers" };

/** Opens the chapter, and waits for the first race. */
async function open(language: "en" | "zh", query = "", reader: Reader = {}) {
  const opened = await visit(`${addresses[language]}${query}`, { ...reader, language });
  const { page } = opened;
  await page.locator("figure.figure").scrollIntoViewIfNeeded();
  await page.locator(".racers data").first().waitFor({ state: "attached" });
  const button = (name: Exclude<keyof (typeof names)["en"], "line">) =>
    page.getByRole("button", { name: names[language][name], exact: true });
  /** Replaces the optimizer in the editor, and races it. */
  async function enter(program: string): Promise<void> {
    if (await button("edit").count()) await button("edit").click();
    await page.locator(".cm-content").fill(program);
    await button("enter").click();
    await page
      .locator(".working")
      .filter({ hasText: /./ })
      .waitFor({ timeout: 3000 })
      .catch(() => {});
    await page.locator(".working").filter({ hasText: /^$/ }).waitFor({ state: "attached" });
  }
  return { ...opened, button, enter };
}

/** The place of the optimizer that is looked at. */
async function place(page: Page): Promise<number[]> {
  const text = await page.locator(".kept .place").textContent();
  return text!.split(", ").map((value) => Number(value.replace("−", "-")));
}

/** What the table says of a racer: final loss, and steps to the goal. */
async function result(page: Page, name: string): Promise<(string | null)[]> {
  return page
    .locator(`tr[data-racer=${name}] data`)
    .evaluateAll((all) => all.map((one) => one.getAttribute("value")));
}

test.each(Object.entries(walkOf))("%s walks the ravine as in PyTorch", (name, { options, steps }) => {
  const { places, losses } = run(makers[name as BuiltInName], {
    ground: "ravine",
    start: golden.start,
    rate: options.lr,
    schedule: "constant",
  });
  for (const [i, { loss, place }] of steps.entries()) {
    // Float32 against float64.
    expect(Math.abs(losses[i]! - loss), `loss ${i}`).toBeLessThan(1e-5 * (1 + loss));
    place.forEach((value, k) => {
      expect(Math.abs(places[i + 1]![k]! - value), `place ${i}`).toBeLessThan(2e-5);
    });
  }
});

describeSite("chapter 6", () => {
  test.each([
    ["en", "momentum"],
    ["zh", "adam"],
  ] as const)("shows the paths of PyTorch: %s, %s", async (language, name) => {
    const { options, steps } = walkOf[name];
    const query = `?race.follow=${name}&race.rates=${name}~${options.lr}`;
    for (const step of [1, 20, 100]) {
      const { page } = await open(language, `${query}&race.step=${step}`);
      const found = await place(page);
      steps[step - 1]!.place.forEach((value, k) => {
        expect(found[k], `${step}`).toBeCloseTo(value, 2);
      });
    }
  });

  test("all optimizers race on all landscapes, and most of them arrive in the bowl", async () => {
    for (const course of ["bowl", "saddle", "rosenbrock", "beale", "himmelblau", "rastrigin"]) {
      const { page, button } = await open("en", `?race.course=${course}&race.step=300`);
      await button("all").click();
      await expect.poll(() => page.locator(".racers td:last-child data").count()).toBe(15);
      const finals = await page
        .locator(".racers .final data")
        .evaluateAll((all) => all.map((one) => Number(one.getAttribute("value"))));
      expect(finals.every(Number.isFinite), course).toBe(true);
      const arrived = finals.filter((loss) => loss < 1e-3).length;
      if (course === "bowl") expect(arrived).toBeGreaterThan(12);
      if (course === "rastrigin") expect(arrived).toBeLessThan(4);
    }
  });

  test("says that one diverges", async () => {
    const { page } = await open("en", "?race.rates=sgd~0.2");
    await expect.poll(() => page.locator("tr[data-racer=sgd] .final").textContent()).toContain("diverged");
  });

  test("a schedule helps Lion to arrive", async () => {
    const constant = await open("en", "?race.racers=lion&race.course=himmelblau");
    const scheduled = await open("en", "?race.racers=lion&race.course=himmelblau&race.plans=lion~cosine");
    const [[loss], [lower]] = [await result(constant.page, "lion"), await result(scheduled.page, "lion")];
    expect(Number(lower) * 10).toBeLessThan(Number(loss));
  });

  test("keeps its state in the address, and restores it exactly", async () => {
    const { page, button } = await open("en", "?race.step=0");
    await page.getByRole("combobox", { name: "Landscape" }).selectOption("himmelblau");
    await page.getByRole("checkbox", { name: "Lion races" }).check();
    await page.getByRole("checkbox", { name: "SGD races", exact: true }).uncheck();
    await page.getByRole("button", { name: "Look at Lion" }).click();
    await page.getByRole("slider", { name: "Rate" }).press("ArrowLeft");
    await page.getByRole("combobox", { name: "Schedule" }).selectOption("cosine");
    await page.getByRole("slider", { name: "Start of the walk" }).press("ArrowUp");
    await button("step").click();
    await button("step").click();
    await page.waitForURL((url) => url.searchParams.get("race.step") === "2");
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      "race.course": "himmelblau",
      "race.start": expect.stringMatching(/^-0\.5~-1\.3/),
      "race.racers": "momentum_adagrad_rmsprop_adam_lion_lbfgs",
      "race.rates": expect.stringMatching(/^lion~0\.04\d$/),
      "race.plans": "lion~cosine",
      "race.follow": "lion",
      "race.step": "2",
    });
    const again = await open("en", new URL(page.url()).search);
    const table = (page: Page) => page.locator(".racers tbody").textContent();
    await expect.poll(() => table(again.page)).toBe(await table(page));
    expect(await place(again.page)).toEqual(await place(page));
  });

  test.each(["en", "zh"] as const)(
    "races an optimizer of the reader's, or says what is wrong: %s",
    async (language) => {
      const { page, enter, button } = await open(language, "?race.racers=adam_yours");
      const alert = page.locator(".problems");
      await enter(example);
      await expect.poll(() => result(page, "yours")).toHaveLength(2);
      expect(Number((await result(page, "yours"))[0])).toBeLessThan(1);
      expect(await page.locator("dl.kept").textContent()).toContain("mean");
      const wrong = (line: string) => example.replace("param: param.sub(next.sign().mul(lr)),", line);
      await enter(wrong("param: param.sub(next.sign().mul(lr),"));
      expect(await alert.textContent()).toContain(names[language].line(12));
      await enter(wrong("param: param.sub(next.sine().mul(lr)),"));
      expect(await alert.textContent()).toContain(names[language].line(11));
      expect(await alert.textContent()).toContain("'sine' does not exist");
      await enter(wrong("param: param.sub((next as any).sine().mul(lr)),"));
      expect(await alert.textContent()).toContain(names[language].line(11));
      expect(await alert.textContent()).toContain("sine is not a function");
      await enter(example.replace("    return {", "    while (true) {}\n    return {"));
      expect(await alert.textContent()).toMatch(/1 (s|秒)/);
      expect(await alert.textContent()).toContain(names[language].line(10));
      // The page is alive.
      await button("step").click();
      await enter(example.replace("export default ", "export const Mine = "));
      expect(await alert.textContent()).toContain("export default defineOptimizer");
      await enter(example);
      expect(await alert.count()).toBe(0);
      await expect.poll(() => result(page, "yours")).toHaveLength(2);
    },
  );

  test("an optimizer in the address races, without isolation", async () => {
    const query = `?race.racers=yours&race.follow=yours&race.plugin=${encodeURIComponent(example)}`;
    const { page } = await open("en", query, { isIsolated: false });
    await expect.poll(() => result(page, "yours")).toHaveLength(2);
    const [loss] = await result(page, "yours");
    await page.getByRole("combobox", { name: "Schedule" }).selectOption("cosine");
    await expect.poll(async () => (await result(page, "yours"))[0]).not.toBe(loss);
  });

  test("works by keyboard alone, and loads neither editor nor compiler before they are wanted", async () => {
    const { page, button, fetched } = await open("en", "?race.step=0");
    await page.getByRole("button", { name: "Look at L-BFGS" }).focus();
    await page.keyboard.press("Enter");
    await button("step").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Space");
    await expect.poll(() => page.locator(".step data").getAttribute("value")).toBe("2");
    expect(await page.locator(".card").textContent()).toContain("lastStep");
    expect((await fetched()).map(({ path }) => path).join()).not.toMatch(/CodeEditor|compiler\.worker/);
  });

  test("jumps instead of running for those who want less motion", async () => {
    const { page, button } = await open("en", "?race.step=0", { isStill: true });
    await button("run").click();
    expect(await page.locator(".step data").getAttribute("value")).toBe("300");
  });

  test("keeps 50 frames a second while all of them race", async () => {
    const { page, button } = await open(
      "en",
      `?race.step=0&race.racers=${racerNames.join("_")}&race.course=rosenbrock`,
    );
    await expect.poll(() => page.locator(".racers td:last-child data").count()).toBeGreaterThan(13);
    /** The times between frames, in milliseconds, from the shortest to the longest. */
    const intervals = () =>
      page.evaluate(
        () =>
          new Promise<number[]>((resolve) => {
            const times: number[] = [];
            const tick = (now: number) => {
              times.push(now);
              if (times.length <= 150) requestAnimationFrame(tick);
              else
                resolve(
                  times
                    .slice(1)
                    .map((time, i) => time - times[i]!)
                    .sort((a, b) => a - b),
                );
            };
            requestAnimationFrame(tick);
          }),
      );
    const median = (values: readonly number[]) => values[Math.floor(values.length / 2)]!;
    const still = median(await intervals());
    await button("run").click();
    const racing = median(await intervals());
    const step = Number(await page.locator(".step data").getAttribute("value"));
    expect(step).toBeGreaterThan(60);
    // On a machine that is busy with other things, even a still page has fewer frames.
    expect(racing, `${racing} ms, still ${still} ms`).toBeLessThanOrEqual(Math.max(20, 1.2 * still));
  });

  test.each(openings)("is accessible, fits and is small: %s, opened on a %s", async (language, screen) => {
    const opened = await open(language, "", { screen });
    await expectSmall(opened);
    await expectPresentable(opened.page, language, "walkers");
    await opened.button("all").click();
    await opened.enter(example.replace("next.sign()", "next.sine()"));
    await expectPresentable(opened.page, language, "walkers-all");
  });
});
