import type { Page } from "playwright-core";
import { ready } from "thalweg";
import { expect, test } from "vitest";
import { accuracyOf } from "../src/classifier/accuracy";
import { initialState, type State, settingsOf } from "../src/classifier/fields";
import { type PresetName, presetNames } from "../src/classifier/presets";
import { startTraining } from "../src/classifier/training";
import { describeSite, expectPresentable, expectSmall, openings, type Reader, visit } from "./visit";

const names = {
  en: {
    run: "Run",
    pause: "Pause",
    step: "Step",
    back: "Step back",
    reset: "Reset",
    take: "Use these points",
    addLayer: "Add a hidden layer",
    removeLayer: "Remove the last hidden layer",
    rowFault: "Line 2: a line has three values",
    diverged: "The loss is no number any more since epoch 1",
  },
  zh: {
    run: "运行",
    pause: "暂停",
    step: "走一步",
    back: "退一步",
    reset: "重来",
    take: "用这些点",
    addLayer: "加一个隐藏层",
    removeLayer: "去掉最后一个隐藏层",
    rowFault: "第 2 行：一行要有三个值",
    diverged: "从第 1 轮起，损失已经不是一个数了",
  },
};
const addresses = { en: "play/classifier", zh: "zh/play/classifier" };

/** Waits until the network is trained to the epoch of the page. */
async function settle(page: Page): Promise<void> {
  await page.locator(".stage[aria-busy=false]").waitFor();
}

/** Opens the page, and waits until the network is trained. */
async function open(language: "en" | "zh", query = "", reader: Reader = {}) {
  const opened = await visit(`${addresses[language]}${query}`, { ...reader, language });
  const { page } = opened;
  await page.locator("figure.figure").scrollIntoViewIfNeeded();
  await settle(page);
  const button = (name: keyof (typeof names)["en"]) =>
    page.getByRole("button", { name: names[language][name], exact: true });
  return { ...opened, button };
}

/** Epoch, losses and accuracies of both sets, and rate. */
async function read(page: Page): Promise<number[]> {
  await settle(page);
  const values = await page
    .locator(".readings data")
    .evaluateAll((all) => all.map((one) => one.getAttribute("value")));
  return values.slice(0, 6).map(Number);
}

const epochOf = async (page: Page) =>
  Number(await page.locator(".readings data").first().getAttribute("value"));

/** Weights and gradients of the neuron that is chosen, the bias last. */
async function table(page: Page): Promise<number[]> {
  await settle(page);
  const values = await page
    .locator(".neuron data")
    .evaluateAll((all) => all.map((one) => one.getAttribute("value")));
  return values.map(Number);
}

const points = (page: Page) => page.locator(".confusion tbody td").allTextContents();
const count = async (page: Page) => (await points(page)).reduce((sum, text) => sum + Number(text), 0);

/** A wild network, which no longer has numbers after an epoch. */
const wild =
  "?classifier.features=x_y_xSquared_ySquared_product&classifier.activation=linear&classifier.layers=8_8_8&classifier.optimizer=sgd&classifier.rate=30";

describeSite("classifier", () => {
  test.each(["en", "zh"] as const)("is trained when it comes, and trains on: %s", async (language) => {
    const { page, button } = await open(language);
    const [epoch, train] = await read(page);
    expect(epoch).toBe(60);
    expect(train).toBeLessThan(0.05);
    await expect.poll(() => page.locator(".boundary").getAttribute("d")).toMatch(/^M/);
    await button("step").click();
    expect((await read(page))[0]).toBe(61);
    await button("back").click();
    expect(await read(page)).toEqual(expect.arrayContaining([60, train]));
    await button("run").click();
    await expect.poll(() => epochOf(page)).toBeGreaterThan(70);
    await button("pause").click();
    await settle(page);
    const paused = await epochOf(page);
    await page.waitForTimeout(200);
    expect(await epochOf(page)).toBe(paused);
    await button("reset").click();
    expect((await read(page))[0]).toBe(0);
    expect((await read(page))[1]).toBeGreaterThan(0.6);
  });

  test("has the library's numbers, to the last digit, with isolation and without", async () => {
    await ready();
    const cases: [isIsolated: boolean, query: string, changes: Partial<State>][] = [
      [true, "", {}],
      [
        false,
        "?classifier.data=spiral&classifier.features=x_y_sinX_sinY&classifier.layers=8_6&classifier.activation=gelu&classifier.optimizer=rmsprop&classifier.rate=0.01&classifier.schedule=cosine&classifier.batch=8&classifier.penalty=dropout&classifier.dropped=0.1&classifier.seed=5&classifier.epoch=25",
        {
          data: "spiral",
          features: ["x", "y", "sinX", "sinY"],
          layers: [8, 6],
          activation: "gelu",
          optimizer: "rmsprop",
          rate: 0.01,
          schedule: "cosine",
          batch: "8",
          penalty: "dropout",
          dropped: 0.1,
          seed: 5,
          epoch: 25,
        },
      ],
    ];
    for (const [isIsolated, query, changes] of cases) {
      const state = { ...initialState, ...changes };
      const training = startTraining(settingsOf(state));
      for (let i = 0; i < state.epoch; i++) training.advance();
      const { train, test: rest, rate, layers } = training.snapshot();
      const neuron = `${query === "" ? "?" : `${query}&`}classifier.neuron=1-1`;
      const { page } = await open("en", neuron, { isIsolated });
      expect(await read(page)).toEqual([
        state.epoch,
        train.losses.at(-1),
        rest!.losses.at(-1),
        accuracyOf(train.confusion),
        accuracyOf(rest!.confusion),
        rate,
      ]);
      expect(await points(page)).toEqual([train.confusion, rest!.confusion].flat(2).map(String));
      const { weights, biases, slopes } = layers[1]!;
      const inputs = state.layers[0]!;
      const expected = Array.from({ length: inputs }, (_, i) => [
        weights[inputs + i],
        slopes!.weights[inputs + i],
      ]);
      expect(await table(page)).toEqual([...expected.flat(), biases[1], slopes!.biases[1]]);
    }
  });

  test("keeps its state in the address, and restores it exactly", async () => {
    const { page, button } = await open("en");
    await page.getByRole("combobox", { name: "Examples" }).selectOption("moons");
    await page.getByRole("slider", { name: "Noise" }).press("ArrowRight");
    await page.getByRole("slider", { name: "For training" }).press("ArrowLeft");
    await page.getByRole("button", { name: "Another seed" }).click();
    await page.getByRole("button", { name: "Feature xy" }).click();
    await button("addLayer").click();
    await page.getByRole("button", { name: "Add a neuron to layer 3" }).click();
    await page.getByRole("combobox", { name: "Activation" }).selectOption("relu");
    await page.getByRole("combobox", { name: "Optimizer" }).selectOption("momentum");
    await page.getByRole("slider", { name: "Learning rate" }).press("ArrowLeft");
    await page.getByRole("combobox", { name: "Schedule" }).selectOption("cosine");
    await page.getByRole("combobox", { name: "Batch size" }).selectOption("32");
    await page.getByRole("combobox", { name: "Regularisation" }).selectOption("l2");
    await page.getByRole("button", { name: "Neuron 2 of layer 1" }).click();
    await button("step").click();
    await page.waitForURL((url) => url.searchParams.get("classifier.epoch") === "61");
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      "classifier.data": "moons",
      "classifier.noise": "0.25",
      "classifier.share": "0.65",
      "classifier.seed": "2",
      "classifier.features": "x_y_product",
      "classifier.layers": "4_2_3",
      "classifier.activation": "relu",
      "classifier.optimizer": "momentum",
      "classifier.rate": expect.stringMatching(/^0\.02\d$/),
      "classifier.schedule": "cosine",
      "classifier.batch": "32",
      "classifier.penalty": "l2",
      "classifier.neuron": "0-1",
      "classifier.epoch": "61",
    });
    const shown = [await read(page), await table(page), await points(page)];
    await page.reload();
    expect([await read(page), await table(page), await points(page)]).toEqual(shown);
  });

  test("layers and neurons come and go, down to none and up to five", async () => {
    const { page, button } = await open("en");
    const tiles = () => page.locator(".tile:not(.feature)").count();
    const lines = () => page.locator(".edges .target").count();
    expect([await tiles(), await lines()]).toEqual([7, 2 * 4 + 4 * 2 + 2]);
    for (let i = 0; i < 4; i++) await button("addLayer").click({ force: true });
    expect([await tiles(), await lines()]).toEqual([4 + 4 * 2 + 1, 8 + 8 + 3 * 4 + 2]);
    const add = page.getByRole("button", { name: "Add a neuron to layer 5" });
    // Buttons that have nothing left to do can still be pressed.
    for (let i = 0; i < 8; i++) await add.click({ force: true });
    expect(await tiles()).toBe(4 + 3 * 2 + 8 + 1);
    await settle(page);
    for (let i = 0; i < 6; i++) await button("removeLayer").click({ force: true });
    expect([await tiles(), await lines()]).toEqual([1, 2]);
    await settle(page);
    await page.getByRole("button", { name: "Feature x", exact: true }).click();
    await page.getByRole("button", { name: "Feature y", exact: true }).click();
    // One feature stays.
    expect(await lines()).toBe(1);
    await page.getByRole("button", { name: "Output neuron" }).click();
    expect(await table(page)).toHaveLength(4);
  });

  test("tells the numbers of a line and of a neuron under the pointer", async () => {
    const { page } = await open("en", "?classifier.neuron=0-0");
    const [weight, slope] = await table(page);
    // Away from the tiles, which lie over the ends of the line.
    const line = page.locator(".edges .target").first();
    await line.dispatchEvent("pointerenter");
    const reading = (await page.locator(".reading").textContent())!;
    const number = (text: string) => Number(text.replaceAll("−", "-"));
    const [, w, g] = /^x → Neuron 1 of layer 1: weight (\S+), gradient (\S+)$/.exec(reading)!;
    expect(number(w!)).toBeCloseTo(weight!, 3);
    expect(number(g!)).toBeCloseTo(slope!, 3);
    await line.dispatchEvent("pointerleave");
    await page.getByRole("button", { name: "Neuron 2 of layer 2" }).hover();
    expect(await page.locator(".reading").textContent()).toContain("Neuron 2 of layer 2: bias");
  });

  test.each(["en", "zh"] as const)("takes the reader's points, by click and as CSV: %s", async (language) => {
    const { page, button } = await open(language, "?classifier.data=own");
    expect(await count(page)).toBe(12);
    const plot = page.locator(".decision > svg");
    const box = (await plot.boundingBox())!;
    await plot.click({ position: { x: 0.3 * box.width, y: 0.3 * box.height } });
    await expect.poll(() => count(page)).toBe(13);
    await page.waitForURL((url) => url.searchParams.get("classifier.own")?.endsWith("~1") ?? false);
    const own = new URL(page.url()).searchParams.get("classifier.own")!;
    const [x, y] = own.split("_").at(-1)!.split("~").map(Number);
    expect(x).toBeCloseTo(-3 + 6 * ((0.3 * 336 - 30) / 300), 1);
    expect(y).toBeCloseTo(3 - 6 * ((0.3 * 362 - 24) / 300), 1);
    const csv = page.locator("textarea");
    expect((await csv.inputValue()).split("\n")).toHaveLength(13);
    await page.locator(".plot-settings").getByRole("radio").last().check({ force: true });
    await plot.click({ position: { x: 0.3 * box.width, y: 0.3 * box.height } });
    await expect.poll(() => count(page)).toBe(12);

    await csv.fill("x,y\n1,2\n");
    await button("take").click();
    await expect.poll(() => page.locator(".note").textContent()).not.toBe("");
    await csv.fill("1,2,0\n1,2\n");
    await button("take").click();
    await expect.poll(() => page.locator(".note").textContent()).toContain(names[language].rowFault);
    expect(await count(page)).toBe(12);
    await csv.fill("10,20,0\n12,20,1\n14,26,1\n11,22,0\n");
    await button("take").click();
    await expect.poll(() => count(page)).toBe(4);
    expect(await csv.inputValue()).toBe("-2.7,-2.7,0\n0,-2.7,1\n2.7,2.7,1\n-1.35,-0.9,0");
    await settle(page);
  });

  test("shows five presets, each with a sentence of why", async () => {
    const { page } = await open("en", "?classifier.seed=9&classifier.neuron=0-0");
    const why = () => page.locator(".why").textContent();
    const choose = async (name: PresetName) => {
      await page.locator(".presets button").nth(presetNames.indexOf(name)).click();
      const [, train, rest, right] = (await read(page)) as [number, number, number, number];
      expect((await why())!.length, name).toBeGreaterThan(100);
      return { train, rest, right };
    };
    await choose("vanishing");
    expect(await page.locator(".neuron").count()).toBe(0);
    const means = await page
      .locator("data.foot")
      .evaluateAll((all) => all.map((one) => Number(one.getAttribute("value"))));
    expect(means).toHaveLength(6);
    expect(means[0]! * 1000).toBeLessThan(means[5]!);

    const { train, rest } = await choose("overfitting");
    expect(rest).toBeGreaterThan(100 * train);

    await choose("dead");
    const blank = await page.locator(".tile:not(.feature) canvas").evaluateAll(
      (all) =>
        all.filter((one) => {
          const canvas = one as HTMLCanvasElement;
          const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
          return new Set(new Uint32Array(data.buffer)).size === 1;
        }).length,
    );
    expect(blank).toBeGreaterThan(8);

    expect((await choose("rate")).train).toBeGreaterThan(1);
    expect((await choose("hidden")).right).toBeLessThan(0.6);
    await page.getByRole("button", { name: "Add a hidden layer" }).click();
    expect((await read(page))[3]).toBeGreaterThan(0.95);
    expect(await why()).toBe("");
  });

  test.each(["en", "zh"] as const)("says that it diverges: %s", async (language) => {
    const { page, button } = await open(language, wild);
    expect(await page.locator(".alarm").textContent()).toContain(names[language].diverged);
    expect((await read(page)).slice(0, 3)).toEqual([1, Number.NaN, Number.NaN]);
    expect(await button("run").getAttribute("aria-disabled")).toBe("true");
    expect(await points(page)).toEqual(Array(8).fill("–"));
    await button("reset").click();
    expect((await read(page))[0]).toBe(0);
    expect(await page.locator(".alarm").count()).toBe(0);
  });

  test("works by keyboard alone, without isolation", async () => {
    const { page, button } = await open("en", "?classifier.data=own", { isIsolated: false });
    await page.getByRole("button", { name: "Add a point of class 1 at x 0.0, y 0.0" }).focus();
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Enter");
    await expect.poll(() => count(page)).toBe(13);
    expect(await page.locator("textarea").inputValue()).toMatch(/\n1,0,1$/);
    await page.getByRole("button", { name: "Feature sin x" }).focus();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Neuron 1 of layer 1" }).focus();
    expect(await page.locator(".reading").textContent()).toContain("Neuron 1 of layer 1: bias");
    await page.keyboard.press("Enter");
    expect(await table(page)).toHaveLength(8);
    await page.getByRole("radio", { name: "Weights" }).focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator("data.foot").count()).toBe(3);
    await button("step").focus();
    await page.keyboard.press("Enter");
    expect((await read(page))[0]).toBe(61);
  });

  test("jumps by twenty epochs for those who want less motion", async () => {
    const { page, button } = await open("en", "?classifier.epoch=0", { isStill: true });
    await button("run").click();
    await expect.poll(() => epochOf(page)).toBeGreaterThan(20);
    await button("pause").click();
    await settle(page);
    expect((await epochOf(page)) % 20).toBe(0);
  });

  test("is alive while it trains at full speed, and asks one question at a time", async () => {
    const { page, button } = await open(
      "en",
      "?classifier.epoch=0&classifier.layers=8_8_8_8_8&classifier.batch=1&classifier.length=2000&classifier.pace=full",
    );
    await page.addInitScript(() => {
      const open = new Set<string>();
      const counted = globalThis as unknown as { mostOpen: number };
      counted.mostOpen = 0;
      globalThis.Worker = class extends Worker {
        constructor(...given: ConstructorParameters<typeof Worker>) {
          super(...given);
          this.addEventListener("message", ({ data }) => open.delete(data?.id));
        }

        override postMessage(message: { id: string; path?: string[] }): void {
          if (message.path?.[0] === "advance") open.add(message.id);
          counted.mostOpen = Math.max(counted.mostOpen, open.size);
          super.postMessage(message);
        }
      };
    });
    await page.reload();
    await settle(page);
    await button("run").click();
    await expect.poll(() => epochOf(page)).toBeGreaterThan(3);
    const frames = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let [frames, epochs] = [0, 0];
          const reading = document.querySelector(".readings data")!;
          const observer = new MutationObserver(() => {
            if (++epochs < 8) return;
            observer.disconnect();
            resolve(frames);
          });
          observer.observe(reading, { attributes: true });
          const count = () => {
            frames++;
            requestAnimationFrame(count);
          };
          count();
        }),
    );
    // Every answer waits for a frame, and frames do not wait for answers.
    expect(frames).toBeGreaterThanOrEqual(8);
    for (let i = 0; i < 5; i++) await page.getByRole("slider", { name: "Noise" }).press("ArrowRight");
    await settle(page);
    expect(await page.evaluate(() => (globalThis as unknown as { mostOpen: number }).mostOpen)).toBe(1);
    await button("reset").click();
    expect((await read(page))[0]).toBe(0);
  });

  test("ignores an address that makes no sense", async () => {
    const { page } = await open(
      "en",
      "?classifier.layers=9&classifier.features=z&classifier.own=x&classifier.epoch=-1&classifier.neuron=7-7&classifier.rate=0",
    );
    expect((await read(page))[0]).toBe(60);
    expect(await page.locator(".neuron").count()).toBe(0);
    expect(await page.locator(".tile:not(.feature)").count()).toBe(7);
  });

  test.each(openings)("is accessible, fits and is small: %s, opened on a %s", async (language, screen) => {
    const opened = await open(language, "", { screen });
    await expectSmall(opened, "playground");
    await expectPresentable(opened.page, language, "classifier");
    const deep =
      "?classifier.data=own&classifier.layers=8_6_4_8_8&classifier.edges=slopes&classifier.neuron=1-2";
    const { page, button } = await open(language, deep, { screen });
    await page.locator("textarea").fill("1,2,0\n1,2");
    await button("take").click();
    await expectPresentable(page, language, "classifier-deep");
    await opened.page.locator(".presets button").first().click();
    await settle(opened.page);
    await expectPresentable(opened.page, language, "classifier-vanishing");
  });
});
